// `make migrate`: runs the files of migrations/ that have not run yet, in the order of their names.
import { readdir, readFile } from "node:fs/promises";

import { DataSource, type MigrationInterface, type QueryRunner } from "typeorm";

import { type DatabaseSettings, readDatabaseSettings, SettingsError } from "#app/settings";

const FOLDER = "migrations";
// TypeORM orders migrations by the timestamp that ends their names: here, by the files' numbers.
const TIMESTAMP_LENGTH = 13;
// Two deployments that migrate at once must not interleave.
const LOCK = 7_243_316;

/** Answers the names of those that ran. */
export async function migrate(settings: DatabaseSettings): Promise<string[]> {
  const service = decodeURIComponent(new URL(settings.databaseUrl).username);
  const source = new DataSource({
    type: "postgres",
    url: settings.migrationDatabaseUrl,
    migrations: (await sqlFiles()).map((file) => migrationOf(file, service)),
    migrationsTableName: "schema_migrations",
    // A file and its entry are one transaction.
    migrationsTransactionMode: "each",
  });
  await source.initialize();
  try {
    const guard = source.createQueryRunner();
    await guard.query("SELECT pg_advisory_lock($1)", [LOCK]);
    const done = await source.runMigrations();
    return done.map(({ name }) => name);
  } finally {
    await source.destroy();
  }
}

async function sqlFiles(): Promise<string[]> {
  const names = await readdir(FOLDER);
  return names.filter((name) => name.endsWith(".sql")).sort();
}

/** The migration that a file of statements is: `0001_tenancy.sql`. */
function migrationOf(file: string, service: string): new () => MigrationInterface {
  const stem = file.replace(/\.sql$/, "");
  const [number = ""] = stem.split("_");
  return class implements MigrationInterface {
    readonly name = `${stem}_${number.padStart(TIMESTAMP_LENGTH, "0")}`;

    async up(runner: QueryRunner): Promise<void> {
      await runner.query("SELECT set_config('app.service_role', $1, true)", [service]);
      await runner.query(await readFile(`${FOLDER}/${file}`, "utf8"));
    }

    async down(): Promise<void> {
      return Promise.reject(new Error("write another migration: these only go forward"));
    }
  };
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
