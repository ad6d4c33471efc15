// Schemas of inputs, judged by Joi: strict, and nothing that is not declared.
import Joi from "joi";

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
  REQUIRED,
  type Schema,
  UNKNOWN_FIELD,
} from "#lib/schema";

export { type JsonSchema, parse, type Parsed, type Schema } from "#lib/schema";

/** A field: how Joi judges it, and what the OpenAPI document says of it. */
export interface Field<T, Optional extends boolean = boolean> {
  readonly judge: Joi.Schema<T>;
  readonly json: JsonSchema;
  readonly optional: Optional;
}

type Shape = Readonly<Record<string, Field<unknown>>>;
type Value<F> = F extends Field<infer T> ? T : never;
type OptionalKeys<S> = { [K in keyof S]: S[K] extends Field<unknown, true> ? K : never }[keyof S];
type Fields<S> = { [K in Exclude<keyof S, OptionalKeys<S>>]: Value<S[K]> } & {
  [K in OptionalKeys<S>]?: Value<S[K]> | undefined;
};

// Bodies are taken as they are: a number in a string is no number.
const STRICT: Joi.ValidationOptions = { abortEarly: false, convert: false };

/** A body that holds these fields and no others. */
export function body<S extends Shape>(name: string, shape: S): Schema<Fields<S>> {
  const required = Object.keys(shape).filter((field) => shape[field]?.optional === false);
  const json = { ...describe(shape), additionalProperties: false };
  const judge = objectOf(shape, ({ optional: free, judge: own }) => (free ? own : own.required()));
  return schemaOf(name, judge, required.length > 0 ? { ...json, required } : json);
}

/** A body that changes what it names, at least one field; null clears an optional one. */
export function patch<S extends Shape>(name: string, shape: S): Schema<Partial<Fields<S>>> {
  const json = { ...describe(shape), additionalProperties: false, minProperties: 1 };
  return schemaOf(name, objectOf(shape, ({ judge }) => judge).min(1), json);
}

/** The parameters of a query string, which are text until their schema makes more of them. */
export function query<S extends Shape>(shape: S): Schema<Fields<S>> {
  return schemaOf(
    "Query",
    objectOf(shape, ({ judge }) => judge),
    describe(shape),
  );
}

export function text({ min, max, format }: { min?: number; max?: number; format?: string } = {}) {
  const least = min ?? 0;
  const tooShort = `String should have at least ${String(min)} characters`;
  const tooLong = `String should have at most ${String(max)} characters`;
  const judge = Joi.string()
    .messages({ "string.base": NOT_TEXT, "string.empty": tooShort })
    .custom((value: string, { message }) => {
      if (lengthOf(value) < least) return message({ custom: tooShort });
      return max !== undefined && lengthOf(value) > max ? message({ custom: tooLong }) : value;
    });
  return field<string>(least === 0 ? judge.allow("") : judge, {
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
  const judge = Joi.number()
    .integer()
    .min(min)
    .max(max)
    .messages({
      "number.base": NOT_WHOLE,
      "number.integer": NOT_WHOLE,
      "number.unsafe": NOT_WHOLE,
      "number.min": `Input should be greater than or equal to ${String(min)}`,
      "number.max": `Input should be less than or equal to ${String(max)}`,
    });
  return field<number>(judge, { type: "integer", minimum: min, maximum: max });
}

/** A whole number in a query string, with what it is when it is not there. */
export function wholeParameter({
  min,
  max,
  missing,
}: {
  min: number;
  max: number;
  missing: number;
}) {
  const json = { type: "integer", minimum: min, maximum: max, default: missing };
  return field<number>(wholeText({ min, max }).default(missing), json);
}

/** A whole number in a query string that may be left out. */
export function optionalWholeParameter({ min, max }: { min: number; max: number }) {
  return optional(field<number>(wholeText({ min, max }), whole({ min, max }).json));
}

export function choice<const V extends readonly [string, ...string[]]>(values: V) {
  const known = values.map((value) => `'${value}'`).join(", ");
  const judge = Joi.valid(...values).messages({ "any.only": `Input should be one of ${known}` });
  return field<V[number]>(judge, { type: "string", enum: values });
}

/** Some of the values, each once. */
export function choices<const V extends readonly [string, ...string[]]>(values: V) {
  const { judge: item, json } = choice(values);
  const judge = Joi.array().items(item).min(1).unique().messages({
    "array.base": "Input should be a valid list",
    "array.min": "List should have at least 1 item",
    "array.unique": "A value is listed twice",
  });
  return field<V[number][]>(judge, { type: "array", items: json, minItems: 1, uniqueItems: true });
}

export function flag() {
  const judge = Joi.boolean().messages({ "boolean.base": NOT_A_BOOLEAN });
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
  return { judge: judge.allow(null), json: nullable, optional: true };
}

function field<T>(judge: Joi.Schema, json: JsonSchema): Field<T, false> {
  return { judge: judge as Joi.Schema<T>, json, optional: false };
}

/** A field that a predicate of ours judges: the same for every library. */
function checked<T>(holds: (value: unknown) => value is T, error: string, json: JsonSchema) {
  const judge = Joi.any().custom((value: unknown, { message }) =>
    holds(value) ? value : message({ custom: error }),
  );
  return field<T>(judge, json);
}

function wholeText(bounds: { min: number; max: number }) {
  const { judge } = whole(bounds);
  return Joi.any().custom((value: string, { message }) => {
    const number = /^-?\d+$/.test(value) ? Number(value) : value;
    const { error } = judge.validate(number, STRICT);
    return error === undefined ? number : message({ custom: error.message });
  });
}

function objectOf(shape: Shape, pick: (field: Field<unknown>) => Joi.Schema): Joi.ObjectSchema {
  const keys = Object.entries(shape).map(([name, own]) => [name, pick(own)] as const);
  return Joi.object(Object.fromEntries(keys)).messages({
    "any.required": REQUIRED,
    "object.base": NOT_AN_OBJECT,
    "object.min": EMPTY_PATCH,
    "object.unknown": UNKNOWN_FIELD,
  });
}

function describe(shape: Shape): JsonSchema {
  const properties = Object.entries(shape).map(([name, { json }]) => [name, json] as const);
  return { type: "object", properties: Object.fromEntries(properties) };
}

function schemaOf<T>(name: string, judge: Joi.Schema, json: JsonSchema): Schema<T> {
  const present = judge.required();
  return {
    name,
    json,
    check(input) {
      const result = present.validate(input, STRICT);
      const details = result.error?.details ?? [];
      const findings = details.map(({ path, message }) => ({ path: path.join("."), message }));
      // Joi passes by a field of this name, which no schema has.
      if (isJsonObject(input) && Object.hasOwn(input, "__proto__")) {
        findings.push({ path: "__proto__", message: UNKNOWN_FIELD });
      }
      if (findings.length > 0) return { ok: false, findings };
      return { ok: true, value: result.value as T };
    },
  };
}
