// `make migrate`: runs the files of migrations/ that have not run yet, in the order of their names.
import { readFile } from "node:fs/promises";

import pg from "pg";
import { Umzug } from "umzug";

import { type DatabaseSettings, readDatabaseSettings, SettingsError } from "#app/settings";

// Two deployments that migrate at once must not interleave.
const LOCK = 7_243_316;

/** Answers the names of those that ran. */
export async function migrate(settings: DatabaseSettings): Promise<string[]> {
  const client = new pg.Client({ connectionString: settings.migrationDatabaseUrl });
  await client.connect();
  try {
    await client.query("SELECT pg_advisory_lock($1)", [LOCK]);
    const service = decodeURIComponent(new URL(settings.databaseUrl).username);
    await client.query("SELECT set_config('app.service_role', $1, false)", [service]);
    await client.query(
      "CREATE TABLE IF NOT EXISTS schema_migrations" +
        " (name text PRIMARY KEY, applied_at timestamptz NOT NULL DEFAULT now())",
    );
    const done = await createUmzug(client).up();
    return done.map(({ name }) => name);
  } finally {
    await client.end();
  }
}

function createUmzug(client: pg.Client): Umzug<pg.Client> {
  return new Umzug<pg.Client>({
    context: client,
    logger: undefined,
    migrations: {
      glob: "migrations/*.sql",
      resolve: ({ name, path = name }) => ({ name, up: async () => apply(client, name, path) }),
    },
    storage: {
      executed: async () => {
        const { rows } = await client.query<{ name: string }>(
          "SELECT name FROM schema_migrations ORDER BY name",
        );
        return rows.map(({ name }) => name);
      },
      // The file and its entry are one transaction.
      logMigration: async () => Promise.resolve(),
      unlogMigration: async () => Promise.resolve(),
    },
  });
}

async function apply(client: pg.Client, name: string, path: string): Promise<void> {
  const statements = await readFile(path, "utf8");
  await client.query("BEGIN");
  try {
    await client.query(statements);
    await client.query("INSERT INTO schema_migrations (name) VALUES ($1)", [name]);
    await client.query("COMMIT");
  } catch (error) {
    await client.query("ROLLBACK");
    throw error;
  }
}

if (import.meta.main) {
  try {
    for (const name of await migrate(readDatabaseSettings())) {
      process.stdout.write(`applied ${name}\n`);
    }
  } catch (error) {
    const message = error instanceof SettingsError ? error.message : `migrate: ${String(error)}`;
    process.stderr.write(`${message}\n`);
    process.exitCode = 1;
  }
}
