// What the rest of the service knows of an input's schema, whichever library judges it.
import { BadRequest, type Detail } from "#lib/errors";

export type JsonSchema = Readonly<Record<string, unknown>>;

export type Outcome<T> =
  | { readonly ok: true; readonly value: T }
  | { readonly ok: false; readonly findings: readonly Detail[] };

export interface Schema<T> {
  /** The name of its component in the OpenAPI document. */
  readonly name: string;
  readonly json: JsonSchema;
  check(input: unknown): Outcome<T>;
}

/** What a schema makes of its input. */
export type Parsed<S> = S extends Schema<infer T> ? T : never;

/** Throws BadRequest that names each wrong field. */
export function parse<T>(schema: Schema<T>, input: unknown): T {
  const outcome = schema.check(input);
  if (outcome.ok) return outcome.value;
  throw new BadRequest(undefined, outcome.findings);
}

export const UNKNOWN_FIELD = "Unknown field";
export const EMPTY_PATCH = "Name at least one field";

// Beyond this a JSON number is no longer exact for callers that hold numbers as doubles.
export const MAX_SAFE_INTEGER = Number.MAX_SAFE_INTEGER;
export const DECIMAL_PATTERN = String.raw`^-?[0-9]{1,14}(\.[0-9]{1,4})?$`;
const DECIMAL = new RegExp(DECIMAL_PATTERN);
const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/i;
const RFC3339 =
  /^(\d{4})-(\d\d)-(\d\d)[Tt ](\d\d):(\d\d):(\d\d)(?:\.\d+)?(?:[Zz]|[+-](\d\d):(\d\d))$/;

export type JsonObject = Record<string, unknown>;

export function isJsonObject(value: unknown): value is JsonObject {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

export function isUuid(value: unknown): value is string {
  return typeof value === "string" && UUID.test(value);
}

/** A decimal travels as a string: a JSON number would lose digits on the way. */
export function isDecimal(value: unknown): value is string {
  return typeof value === "string" && DECIMAL.test(value);
}

/** In code points, as callers count characters. */
export function lengthOf(text: string): number {
  let length = text.length;
  for (let at = 0; at < text.length - 1; at += 1) {
    const unit = text.charCodeAt(at);
    // What JSON bodies hold is well formed: a high surrogate has its low one.
    if (unit >= 0xd800 && unit <= 0xdbff) length -= 1;
  }
  return length;
}

/** An RFC 3339 date-time with a time zone, of the years that both ends of the line can write. */
export function isTimestamp(value: unknown): value is string {
  if (typeof value !== "string") return false;
  const parts = RFC3339.exec(value);
  if (parts === null) return false;
  const [year, month, day, hour, minute, second, offsetHours, offsetMinutes] = parts
    .slice(1)
    .map((part: string | undefined) => Number(part ?? "0"));
  const date = new Date(Date.UTC(2000, Number(month) - 1, Number(day)));
  date.setUTCFullYear(Number(year), Number(month) - 1, Number(day));
  return (
    Number(year) >= 1 &&
    date.getUTCMonth() === Number(month) - 1 &&
    date.getUTCDate() === Number(day) &&
    Number(hour) <= 23 &&
    Number(minute) <= 59 &&
    Number(second) <= 59 &&
    Number(offsetHours) <= 23 &&
    Number(offsetMinutes) <= 59
  );
}

export const REQUIRED = "Field required";
export const NOT_WHOLE = "Input should be a valid integer";
export const NOT_TEXT = "Input should be a string";
export const NOT_A_BOOLEAN = "Input should be a boolean";
export const NOT_AN_OBJECT = "Input should be a valid object";
export const NOT_A_UUID = "Input should be a valid UUID";
export const NOT_A_DECIMAL = "Input should be a decimal in a string: 14 digits, 4 decimal places";
export const NOT_A_TIMESTAMP = "Input should be an RFC 3339 date-time with a time zone";
