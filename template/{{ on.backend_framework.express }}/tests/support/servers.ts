// Empty servers for the whole run, erased at its end.
import { execFileSync } from "node:child_process";
import { parseEnv } from "node:util";

import type { TestProject } from "vitest/node";

import { migrate } from "#app/migrate";
import { readDatabaseSettings } from "#app/settings";

export interface Urls {
  DATABASE_URL: string;
  MIGRATION_DATABASE_URL: string;
  REDIS_URL: string;
}

declare module "vitest" {
  export interface ProvidedContext {
    urls: Urls;
  }
}

const PYTHON = ".tools/python/bin/python";
// Should this process be killed, a later start erases them.
const NAME = `run-${process.pid}`;

function services(action: "start" | "stop"): string {
  const command = ["-m", "scripts.services", action, "--name", NAME];
  return execFileSync(PYTHON, command, { encoding: "utf8", stdio: ["ignore", "pipe", "inherit"] });
}

function started(): Urls {
  const exported = parseEnv(services("start"));
  // What leads to the servers besides the settings, which an SDK looks up by itself.
  Object.assign(process.env, exported);
  return exported as unknown as Urls;
}

export default async function setup(project: TestProject): Promise<() => void> {
  const urls = started();
  await migrate(readDatabaseSettings({ ...urls }));
  project.provide("urls", urls);
  return () => {
    services("stop");
  };
}
