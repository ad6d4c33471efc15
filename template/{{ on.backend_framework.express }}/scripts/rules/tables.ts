// R3: every table has a reason to exist.
import { TABLES } from "#app/tables";
import { TABLES_FILE } from "#scripts/rules/project";
import { count, type Verdict, verdict } from "#scripts/rules/verdict";
import type { World } from "#scripts/rules/world";

// What the migrations remember of themselves.
const BOOKKEEPING = new Set(["schema_migrations"]);
const SHORTEST = "The why.".length;

export function check({ catalogue }: World): Verdict {
  const present = catalogue.tables.filter((name) => !BOOKKEEPING.has(name));
  return verdict(
    `${count(present.length, "table")} of the live catalogue`,
    `${count(Object.keys(TABLES).length, "reason")} in ${TABLES_FILE}`,
    undeclared(present),
  );
}

function* undeclared(present: readonly string[]): Generator<string> {
  for (const table of present) {
    if (!Object.hasOwn(TABLES, table)) {
      yield (
        `${table}: exists in the database but is not in TABLES of ${TABLES_FILE}: say in one` +
        " line why it cannot be columns of another table, or drop it"
      );
    }
  }
  for (const [table, reason] of Object.entries(TABLES)) {
    if (!present.includes(table)) {
      yield (
        `${table}: is in TABLES of ${TABLES_FILE} but not in the database: write its` +
        " migration, or remove the line"
      );
    }
    if (reason.trim().length < SHORTEST || reason.includes("\n")) {
      yield `${table}: its reason in ${TABLES_FILE} is no reason: write one line`;
    }
  }
}
