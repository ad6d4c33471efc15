// `make rules`: prints the ten rules as a table and ends with 1 when one of them is broken.
import { spawnSync } from "node:child_process";
import { parseArgs, parseEnv } from "node:util";

import { watchMounts } from "#scripts/rules/endpoints";
import * as failures from "#scripts/rules/failures";
import * as imports from "#scripts/rules/imports";
import * as indexes from "#scripts/rules/indexes";
import * as inputs from "#scripts/rules/inputs";
import * as limits from "#scripts/rules/limits";
import { capture } from "#scripts/rules/log";
import * as monitoring from "#scripts/rules/monitoring";
import * as nPlusOne from "#scripts/rules/n-plus-one";
import { MIGRATE, PYTHON } from "#scripts/rules/project";
import * as secrets from "#scripts/rules/secrets";
import { statements } from "#scripts/rules/statements";
import { rendered } from "#scripts/rules/table";
import * as tables from "#scripts/rules/tables";
import * as tested from "#scripts/rules/tested";
import type { Verdict } from "#scripts/rules/verdict";
import { World } from "#scripts/rules/world";

const TITLES: Readonly<Record<string, string>> = {
  R1: "N+1 queries",
  R2: "a missing index",
  R3: "an unnecessary table",
  R4: "unvalidated input",
  R5: "a missing rate limit",
  R6: "long work in a request",
  R7: "an unhandled failure",
  R8: "a secret in the code",
  R9: "what nobody monitors",
  R10: "what nobody tests",
};
const LIVE: Readonly<Record<string, (world: World) => Verdict | Promise<Verdict>>> = {
  R1: nPlusOne.check,
  R2: indexes.check,
  R3: tables.check,
  R4: inputs.check,
  R5: limits.check,
  R7: failures.check,
  R9: monitoring.check,
};

type Environment = NodeJS.Dict<string>;

class RulesError extends Error {}

async function main(): Promise<void> {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: { coverage: { type: "string" } },
  });
  const unknown = positionals.filter((rule) => !Object.hasOwn(TITLES, rule));
  if (unknown.length > 0) throw new RulesError(`there is no rule ${unknown.join(", ")}`);
  const chosen = Object.keys(TITLES).filter(
    (rule) => positionals.length === 0 || positionals.includes(rule),
  );
  const still: Readonly<Record<string, () => Verdict>> = {
    R6: imports.check,
    R8: secrets.check,
    R10: () => tested.check(values.coverage),
  };
  const found = chosen.some((rule) => rule in LIVE) ? await live(chosen) : new Map();
  for (const rule of chosen) {
    const check = still[rule];
    if (check !== undefined) found.set(rule, check());
  }
  const verdicts = new Map(chosen.map((rule) => [rule, found.get(rule) as Verdict]));
  console.log(rendered(TITLES, verdicts));
  const broken = chosen.filter((rule) => (verdicts.get(rule)?.failures.length ?? 0) > 0);
  if (broken.length > 0) throw new RulesError(`broken: ${broken.join(", ")}`);
}

async function live(chosen: readonly string[]): Promise<Map<string, Verdict>> {
  const found = new Map<string, Verdict>();
  const name = `run-${process.pid}`;
  const release = capture();
  try {
    const urls = startServices(name);
    migrate(urls);
    statements.watch();
    watchMounts();
    const world = await World.create(urls);
    for (const [rule, check] of Object.entries(LIVE)) {
      if (!chosen.includes(rule)) continue;
      console.error(`rules: ${rule}`);
      found.set(rule, await check(world));
    }
    await world.close();
  } finally {
    release();
    services("stop", name);
  }
  return found;
}

/** Empty servers of this process; should it be killed, a later start erases them. */
function startServices(name: string): Record<string, string> {
  const { status, stdout } = services("start", name);
  if (status !== 0) throw new RulesError("the services did not start (above)");
  const urls = parseEnv(stdout) as Record<string, string>;
  // SDKs look up by themselves what is no setting of the service.
  Object.assign(process.env, urls);
  return urls;
}

function services(action: string, name: string) {
  return spawnSync(PYTHON, ["-m", "scripts.services", action, "--name", name], {
    encoding: "utf8",
    stdio: ["ignore", "pipe", "inherit"],
  });
}

function migrate(urls: Environment): void {
  const { status } = spawnSync(process.execPath, [MIGRATE], {
    env: { ...process.env, ...urls },
    stdio: ["ignore", "ignore", "inherit"],
  });
  if (status !== 0) {
    throw new RulesError("the migrations fail (above): `make migrate` has to work first");
  }
}

try {
  await main();
  process.exit();
} catch (error) {
  if (!(error instanceof RulesError)) throw error;
  console.error(`rules: ${error.message}`);
  process.exit(1);
}
