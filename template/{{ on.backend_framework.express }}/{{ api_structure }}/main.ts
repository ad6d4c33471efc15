// `make run`: the API in the foreground.
import { createApp } from "#app/app";
import { closeContext, createContext } from "#app/context";
import { readSettings, SettingsError } from "#app/settings";
import { refuseOwner } from "#lib/role";
import { serveUntilStopped } from "#lib/server";

async function main(): Promise<void> {
  const context = createContext(readSettings());
  await refuseOwner(context);
  await serveUntilStopped(createApp(context), context);
  await closeContext(context);
  process.exit();
}

try {
  await main();
} catch (error) {
  if (!(error instanceof SettingsError)) throw error;
  process.stderr.write(`${error.message}\n`);
  process.exit(1);
}
