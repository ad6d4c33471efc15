// What Prisma takes and gives, as the rest of the service has it: values of JSON's own types.
import type { JsonObject } from "#lib/schema";
import { Prisma } from "#root/generated/prisma/client";

// PostgreSQL reads it as the moment at which the transaction began.
export const NOW = "now";

const NO_SUCH_RECORD = "P2025";
const DECIMAL_PLACES = 4;

type PlainValue<T> = T extends bigint ? number : T extends Prisma.Decimal ? string : T;

export type Plain<T> = { [Name in keyof T]: PlainValue<T[Name]> };

export function plain<T extends object>(record: T): Plain<T> {
  const entries = Object.entries(record).map(([name, value]) => [name, plainValue(value)]);
  return Object.fromEntries(entries) as Plain<T>;
}

function plainValue(value: unknown): unknown {
  if (typeof value === "bigint") return Number(value);
  return Prisma.Decimal.isDecimal(value) ? value.toFixed(DECIMAL_PLACES) : value;
}

interface JsonText {
  toJSON(): { $type: "Json"; value: string };
}

type JsonInput<T> = T extends object ? JsonText : T extends null ? typeof Prisma.DbNull : undefined;

/**
 * An object as its text: Prisma would read keys such as `$type` in it, and lose `__proto__`. JSON has
 * a null of its own, which is not that of a column without a value.
 */
export function jsonInput<T extends JsonObject | null | undefined>(value: T): JsonInput<T>;
export function jsonInput(value: JsonObject | null | undefined): unknown {
  if (value === undefined) return undefined;
  if (value === null) return Prisma.DbNull;
  return { toJSON: () => ({ $type: "Json", value: JSON.stringify(value) }) };
}

/** What Prisma answers about one record, which it throws when there is none. */
export async function unlessGone<T>(work: Promise<T>): Promise<T | undefined> {
  try {
    return await work;
  } catch (error) {
    const gone = error instanceof Prisma.PrismaClientKnownRequestError;
    if (gone && error.code === NO_SUCH_RECORD) return undefined;
    throw error;
  }
}
