// Schemas of inputs, judged by Zod: strict, and nothing that is not declared.
import { z } from "zod";

import {
  DECIMAL_PATTERN,
  EMPTY_PATCH,
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
  isDecimal,
  isJsonObject,
  isTimestamp,
  isUuid,
} from "#lib/schema";

export { type JsonSchema, type Parsed, parse, type Schema } from "#lib/schema";

type Shape = z.ZodRawShape;
type Fields<S extends Shape> = z.output<z.ZodObject<S>>;

/** What the OpenAPI document says of types that Zod's own words would describe otherwise. */
const described = z.registry<JsonSchema>();

/** A body that holds these fields and no others. */
export function body<S extends Shape>(name: string, shape: S): Schema<Fields<S>> {
  return schemaOf(name, z.strictObject(shape, told(NOT_AN_OBJECT)));
}

/** A body that changes what it names, at least one field; null clears an optional one. */
export function patch<S extends Shape>(name: string, shape: S): Schema<Partial<Fields<S>>> {
  const fields = z.strictObject(shape, told(NOT_AN_OBJECT)).partial();
  const some = fields.refine((changes) => Object.keys(changes).length > 0, { error: EMPTY_PATCH });
  return schemaOf(name, some, { minProperties: 1 }) as Schema<Partial<Fields<S>>>;
}

/** The parameters of a query string, which are text until their schema makes more of them. */
export function query<S extends Shape>(shape: S): Schema<Fields<S>> {
  return schemaOf("Query", z.object(shape));
}

export function text({ min, max, format }: { min?: number; max?: number; format?: string } = {}) {
  return z
    .string(told(NOT_TEXT))
    .refine((value) => min === undefined || lengthOf(value) >= min, {
      error: `String should have at least ${String(min)} characters`,
    })
    .refine((value) => max === undefined || lengthOf(value) <= max, {
      error: `String should have at most ${String(max)} characters`,
    })
    .meta({
      ...(min !== undefined && { minLength: min }),
      ...(max !== undefined && { maxLength: max }),
      ...(format !== undefined && { format }),
    });
}

export function whole({
  min = -MAX_SAFE_INTEGER,
  max = MAX_SAFE_INTEGER,
}: { min?: number; max?: number } = {}) {
  return z
    .int(told(NOT_WHOLE))
    .min(min, { error: `Input should be greater than or equal to ${String(min)}` })
    .max(max, { error: `Input should be less than or equal to ${String(max)}` });
}

/** A whole number in a query string, with what it is when it is not there. */
export function wholeParameter(bounds: { min: number; max: number; missing: number }) {
  const { min, max, missing } = bounds;
  return wholeText(bounds)
    .optional()
    .transform((value) => value ?? missing)
    .register(described, { type: "integer", minimum: min, maximum: max, default: missing });
}

/** A whole number in a query string that may be left out. */
export function optionalWholeParameter({ min, max }: { min: number; max: number }) {
  const json = { type: "integer", minimum: min, maximum: max };
  return wholeText({ min, max })
    .optional()
    .register(described, { anyOf: [json, { type: "null" }] });
}

export function choice<const V extends readonly [string, ...string[]]>(values: V) {
  const known = values.map((value) => `'${value}'`).join(", ");
  return z.enum(values, told(`Input should be one of ${known}`));
}

/** Some of the values, each once. */
export function choices<const V extends readonly [string, ...string[]]>(values: V) {
  return z
    .array(choice(values), told("Input should be a valid list"))
    .min(1, { error: "List should have at least 1 item" })
    .refine((given) => new Set(given).size === given.length, { error: "A value is listed twice" })
    .meta({ uniqueItems: true });
}

export function flag() {
  return z.boolean(told(NOT_A_BOOLEAN));
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
  const json = { type: "object", additionalProperties: true } as const;
  return checked<JsonObject>(isJsonObject, NOT_AN_OBJECT, json);
}

/** A field that may be left out or null. */
export function optional<T extends z.ZodType>(field: T) {
  return field.nullish();
}

export function schemaOf<T>(name: string, type: z.ZodType<T>, more: JsonSchema = {}): Schema<T> {
  const json: JsonSchema = z.toJSONSchema(type, {
    io: "input",
    unrepresentable: "any",
    override: ({ zodSchema, jsonSchema }) => {
      const own = described.get(zodSchema);
      if (own === undefined) return;
      for (const keyword of Object.keys(jsonSchema)) Reflect.deleteProperty(jsonSchema, keyword);
      Object.assign(jsonSchema, own);
    },
  });
  // OpenAPI says once which dialect all of its schemas are in.
  Reflect.deleteProperty(json, "$schema");
  return {
    name,
    json: { ...json, ...more },
    check(input) {
      const result = type.safeParse(input);
      if (result.success) return { ok: true, value: result.data };
      return { ok: false, findings: result.error.issues.flatMap(findingsOf) };
    },
  };
}

function findingsOf(issue: z.core.$ZodIssue) {
  const path = issue.path.map(String);
  if (issue.code === "unrecognized_keys") {
    return issue.keys.map((key) => ({ path: [...path, key].join("."), message: UNKNOWN_FIELD }));
  }
  return [{ path: path.join("."), message: issue.message }];
}

/** What a caller is told of a value of another kind, and of one that is not there. */
function told(message: string) {
  return { error: ({ input }: { input?: unknown }) => (input === undefined ? REQUIRED : message) };
}

/** A field that a predicate of ours judges: the same for every library. */
function checked<T>(holds: (value: unknown) => value is T, error: string, json: JsonSchema) {
  return z.custom<T>(holds, told(error)).register(described, json);
}

function wholeText(bounds: { min: number; max: number }) {
  return z
    .string()
    .transform((value) => (/^-?\d+$/.test(value) ? Number(value) : Number.NaN))
    .pipe(whole(bounds));
}
