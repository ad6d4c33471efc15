// Schemas of inputs, judged by Yup: strict, and nothing that is not declared.
import * as yup from "yup";

import type { Detail } from "#lib/errors";
import {
  DECIMAL_PATTERN,
  EMPTY_PATCH,
  isDecimal,
  isJsonObject,
  isTimestamp,
  isUuid,
  type JsonObject,
  type JsonSchema,
  lengthOf,
  MAX_SAFE_INTEGER,
  NOT_A_BOOLEAN,
  NOT_A_DECIMAL,
  NOT_A_TIMESTAMP,
  NOT_A_UUID,
  NOT_AN_OBJECT,
  NOT_TEXT,
  NOT_WHOLE,
  type Outcome,
  REQUIRED,
  type Schema,
  UNKNOWN_FIELD,
} from "#lib/schema";

export { type JsonSchema, parse, type Parsed, type Schema } from "#lib/schema";

/** A field: how Yup judges it, and what the OpenAPI document says of it. */
export interface Field<T, Optional extends boolean = boolean> {
  readonly judge: yup.Schema<T>;
  readonly json: JsonSchema;
  readonly optional: Optional;
  /** Makes more of what a query string holds, which is text or nothing. */
  readonly read?: (text: string | undefined) => unknown;
}

type Shape = Readonly<Record<string, Field<unknown>>>;
type Value<F> = F extends Field<infer T> ? T : never;
type OptionalKeys<S> = { [K in keyof S]: S[K] extends Field<unknown, true> ? K : never }[keyof S];
type Fields<S> = { [K in Exclude<keyof S, OptionalKeys<S>>]: Value<S[K]> } & {
  [K in OptionalKeys<S>]?: Value<S[K]> | undefined;
};

// Bodies are taken as they are: a number in a string is no number.
const STRICT = { abortEarly: false, strict: true } as const;

/** A body that holds these fields and no others. */
export function body<S extends Shape>(name: string, shape: S): Schema<Fields<S>> {
  const required = Object.keys(shape).filter((own) => shape[own]?.optional === false);
  const json = { ...describe(shape), additionalProperties: false };
  return {
    name,
    json: required.length > 0 ? { ...json, required } : json,
    check: (input) => judged(shape, required, input),
  };
}

/** A body that changes what it names, at least one field; null clears an optional one. */
export function patch<S extends Shape>(name: string, shape: S): Schema<Partial<Fields<S>>> {
  return {
    name,
    json: { ...describe(shape), additionalProperties: false, minProperties: 1 },
    check(input) {
      const empty = isJsonObject(input) && Object.keys(input).length === 0;
      if (empty) return { ok: false, findings: [{ path: "", message: EMPTY_PATCH }] };
      return judged(shape, [], input);
    },
  };
}

/** The parameters of a query string, which are text until their schema makes more of them. */
export function query<S extends Shape>(shape: S): Schema<Fields<S>> {
  const readers = Object.entries(shape).filter(([, { read }]) => read !== undefined);
  return {
    name: "Query",
    json: describe(shape),
    check(input) {
      const given = input as Record<string, string>;
      const read = readers.map(([own, { read }]) => [own, read?.(given[own])] as const);
      const present = read.filter(([, value]) => value !== undefined);
      return judged(shape, [], { ...given, ...Object.fromEntries(present) });
    },
  };
}

export function text({ min, max, format }: { min?: number; max?: number; format?: string } = {}) {
  const judge = yup
    .string()
    .typeError(NOT_TEXT)
    .nonNullable(NOT_TEXT)
    .test("min", `String should have at least ${String(min)} characters`, (value) =>
      value === undefined || min === undefined ? true : lengthOf(value) >= min,
    )
    .test("max", `String should have at most ${String(max)} characters`, (value) =>
      value === undefined || max === undefined ? true : lengthOf(value) <= max,
    );
  return field<string>(judge, {
    type: "string",
    ...(min !== undefined && { minLength: min }),
    ...(max !== undefined && { maxLength: max }),
    ...(format !== undefined && { format }),
  });
}

export function whole({
  min = -MAX_SAFE_INTEGER,
  max = MAX_SAFE_INTEGER,
}: { min?: number; max?: number } = {}) {
  const judge = yup
    .number()
    .typeError(NOT_WHOLE)
    .nonNullable(NOT_WHOLE)
    .integer(NOT_WHOLE)
    .min(min, `Input should be greater than or equal to ${String(min)}`)
    .max(max, `Input should be less than or equal to ${String(max)}`);
  return field<number>(judge, { type: "integer", minimum: min, maximum: max });
}

/** A whole number in a query string, with what it is when it is not there. */
export function wholeParameter(bounds: { min: number; max: number; missing: number }) {
  const { judge, json } = whole(bounds);
  const read = (given: string | undefined) => readWhole(given) ?? bounds.missing;
  return { ...field<number>(judge, { ...json, default: bounds.missing }), read };
}

/** A whole number in a query string that may be left out. */
export function optionalWholeParameter(bounds: { min: number; max: number }) {
  return { ...optional(whole(bounds)), read: readWhole };
}

export function choice<const V extends readonly [string, ...string[]]>(values: V) {
  return field<V[number]>(among(values), { type: "string", enum: values });
}

/** Some of the values, each once. */
export function choices<const V extends readonly [string, ...string[]]>(values: V) {
  const judge = yup
    .array(among(values).defined())
    .typeError("Input should be a valid list")
    .nonNullable("Input should be a valid list")
    .min(1, "List should have at least 1 item")
    .test(
      "unique",
      "A value is listed twice",
      (given = []) => new Set(given).size === given.length,
    );
  const { json: items } = choice(values);
  return field<V[number][]>(judge, { type: "array", items, minItems: 1, uniqueItems: true });
}

export function flag() {
  const judge = yup.boolean().typeError(NOT_A_BOOLEAN).nonNullable(NOT_A_BOOLEAN);
  return field<boolean>(judge, { type: "boolean" });
}

export function decimal() {
  return checked<string>(isDecimal, NOT_A_DECIMAL, { type: "string", pattern: DECIMAL_PATTERN });
}

export function timestamp() {
  return checked<string>(isTimestamp, NOT_A_TIMESTAMP, { type: "string", format: "date-time" });
}

export function rowId() {
  return checked<string>(isUuid, NOT_A_UUID, { type: "string", format: "uuid" });
}

export function jsonObject() {
  const json = { type: "object", additionalProperties: true };
  return checked<JsonObject>(isJsonObject, NOT_AN_OBJECT, json);
}

/** A field that may be left out or null. */
export function optional<T>({ judge, json }: Field<T>): Field<T | null, true> {
  const nullable = { anyOf: [json, { type: "null" }] };
  const free = (judge as unknown as yup.MixedSchema).nullable() as unknown;
  return { judge: free as yup.Schema<T | null>, json: nullable, optional: true };
}

function field<T>(judge: unknown, json: JsonSchema): Field<T, false> {
  return { judge: judge as yup.Schema<T>, json, optional: false };
}

/** A field that a predicate of ours judges: the same for every library. */
function checked<T>(holds: (value: unknown) => value is T, error: string, json: JsonSchema) {
  const judge = yup
    .mixed()
    .nonNullable(error)
    .test("holds", error, (value?: unknown) => (value ?? undefined) === undefined || holds(value));
  return field<T>(judge, json);
}

function among(values: readonly string[]) {
  const message = `Input should be one of ${values.map((value) => `'${value}'`).join(", ")}`;
  return yup
    .mixed()
    .nonNullable(message)
    .oneOf([...values], message);
}

function readWhole(given: string | undefined): number | undefined {
  if (given === undefined) return undefined;
  return /^-?\d+$/.test(given) ? Number(given) : Number.NaN;
}

function describe(shape: Shape): JsonSchema {
  const properties = Object.entries(shape).map(([name, { json }]) => [name, json] as const);
  return { type: "object", properties: Object.fromEntries(properties) };
}

function judged<T>(shape: Shape, required: readonly string[], input: unknown): Outcome<T> {
  if (!isJsonObject(input)) {
    const message = input === undefined ? REQUIRED : NOT_AN_OBJECT;
    return { ok: false, findings: [{ path: "", message }] };
  }
  const missing = required.filter((name) => !Object.hasOwn(input, name));
  const unknown = Object.keys(input).filter((name) => !Object.hasOwn(shape, name));
  const findings = [
    ...missing.map((path) => ({ path, message: REQUIRED })),
    ...unknown.map((path) => ({ path, message: UNKNOWN_FIELD })),
    ...Object.entries(shape).flatMap(([name, { judge }]) => wrongIn(judge, name, input[name])),
  ];
  return findings.length > 0 ? { ok: false, findings } : { ok: true, value: input as T };
}

function wrongIn(judge: yup.Schema, name: string, value: unknown): Detail[] {
  try {
    judge.validateSync(value, STRICT);
    return [];
  } catch (error) {
    if (!(error instanceof yup.ValidationError)) throw error;
    const all = error.inner.length > 0 ? error.inner : [error];
    return all.map(({ path = "", message }) => ({
      path: name + path.replace(/\[(\d+)\]/g, ".$1"),
      message,
    }));
  }
}
