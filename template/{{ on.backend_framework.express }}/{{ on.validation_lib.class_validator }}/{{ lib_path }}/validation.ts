// Schemas of inputs: classes, by whose decorators class-validator judges, strictly, and nothing that
// is not declared.
import {
  ArrayMinSize,
  ArrayUnique,
  IsArray,
  IsBoolean,
  IsIn,
  IsInt,
  IsOptional,
  IsString,
  Max,
  Min,
  validateSync,
  type ValidationError,
  type ValidatorOptions,
} from "class-validator";

import type { Detail } from "#lib/errors";
import { all, type Class, type Described, field, fieldsOf, holds, said, told } from "#lib/fields";
import {
  DECIMAL_PATTERN,
  EMPTY_PATCH,
  isDecimal,
  isJsonObject,
  isTimestamp,
  isUuid,
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

export { type JsonObject, type JsonSchema, parse, type Parsed, type Schema } from "#lib/schema";

/** How one item of a list is judged. */
interface Each {
  readonly holds: (item: unknown) => boolean;
}

/** The fields of a class, without what else an instance has. */
type Fields<T> = { [K in keyof T]: T[K] };

const STRICT: ValidatorOptions = { stopAtFirstError: true, validationError: { target: false } };
/** A body that holds the fields of the class and no others. */
export function body<T extends object>(type: Class<T>): Schema<Fields<T>> {
  const fields = fieldsOf(type);
  const required = [...fields.keys()].filter((name) => fields.get(name)?.optional === false);
  const json = { ...describe(fields), additionalProperties: false };
  return {
    name: type.name,
    json: required.length > 0 ? { ...json, required } : json,
    check: (input) => judged(type, fields, input),
  };
}

/** A body that changes what it names, at least one field; null clears an optional one. */
export function patch<T extends object>(type: Class<T>): Schema<Fields<T>> {
  const fields = fieldsOf(type);
  return {
    name: type.name,
    json: { ...describe(fields), additionalProperties: false, minProperties: 1 },
    check(input) {
      const empty = isJsonObject(input) && Object.keys(input).length === 0;
      if (empty) return { ok: false, findings: [{ path: "", message: EMPTY_PATCH }] };
      return judged(type, fields, input, { skipUndefinedProperties: true });
    },
  };
}

/** The parameters of a query string, which are text until their decorators make more of them. */
export function query<T extends object>(type: Class<T>): Schema<Fields<T>> {
  const fields = fieldsOf(type);
  return {
    name: "Query",
    json: describe(fields),
    check(input) {
      const given = input as Record<string, string>;
      const read = [...fields].map(([name, { read }]) => [name, read(given[name])] as const);
      return judged(type, fields, { ...given, ...Object.fromEntries(read) });
    },
  };
}

export function Text({ min, max, format }: { min?: number; max?: number; format?: string } = {}) {
  const least = min ?? 0;
  const most = max ?? Infinity;
  return field(
    {
      type: "string",
      ...(min !== undefined && { minLength: min }),
      ...(max !== undefined && { maxLength: max }),
      ...(format !== undefined && { format }),
    },
    IsString({ message: told(NOT_TEXT) }),
    // In code points, which class-validator's own does not count.
    holds("min", `String should have at least ${least} characters`, (value: string) => {
      return lengthOf(value) >= least;
    }),
    holds("max", `String should have at most ${most} characters`, (value: string) => {
      return lengthOf(value) <= most;
    }),
  );
}

export function Whole({
  min = -MAX_SAFE_INTEGER,
  max = MAX_SAFE_INTEGER,
}: { min?: number; max?: number } = {}) {
  return field(
    { type: "integer", minimum: min, maximum: max },
    IsInt({ message: told(NOT_WHOLE) }),
    Min(min, { message: `Input should be greater than or equal to ${min}` }),
    Max(max, { message: `Input should be less than or equal to ${max}` }),
  );
}

/** A whole number in a query string, with what it is when it is not there. */
export function WholeParameter(bounds: { min: number; max: number; missing: number }) {
  return all(
    Whole(bounds),
    said(({ json }) => ({
      json: { ...json, default: bounds.missing },
      read: (given) => readWhole(given) ?? bounds.missing,
    })),
  );
}

/** A whole number in a query string that may be left out. */
export function OptionalWholeParameter(bounds: { min: number; max: number }) {
  return all(
    Whole(bounds),
    said(() => ({ read: readWhole })),
    Optional(),
  );
}

export function Choice(values: readonly string[]) {
  return field(
    { type: "string", enum: values },
    IsIn([...values], { message: told(oneOf(values)) }),
  );
}

/** Some of the values, each once. */
export function Choices(values: readonly string[]) {
  return field(
    { type: "array", items: { type: "string", enum: values }, minItems: 1, uniqueItems: true },
    IsArray({ message: told("Input should be a valid list") }),
    ArrayMinSize(1, { message: "List should have at least 1 item" }),
    IsIn([...values], {
      each: true,
      message: oneOf(values),
      context: { holds: (item: string) => values.includes(item) },
    }),
    ArrayUnique({ message: "A value is listed twice" }),
  );
}

export function Flag() {
  return field({ type: "boolean" }, IsBoolean({ message: told(NOT_A_BOOLEAN) }));
}

export function Decimal() {
  const json = { type: "string", pattern: DECIMAL_PATTERN };
  return field(json, holds("isDecimal", NOT_A_DECIMAL, isDecimal));
}

export function Timestamp() {
  const json = { type: "string", format: "date-time" };
  return field(json, holds("isTimestamp", NOT_A_TIMESTAMP, isTimestamp));
}

export function RowId() {
  return field({ type: "string", format: "uuid" }, holds("isUuid", NOT_A_UUID, isUuid));
}

/** A JSON object of any form. */
export function Json() {
  const json = { type: "object", additionalProperties: true };
  return field(json, holds("isJsonObject", NOT_AN_OBJECT, isJsonObject));
}

/** The field may be left out or null; stands before the decorator that says what it is. */
export function Optional() {
  return all(
    IsOptional(),
    said(({ json }) => ({ json: { anyOf: [json, { type: "null" }] }, optional: true })),
  );
}

function oneOf(values: readonly string[]): string {
  return `Input should be one of ${values.map((value) => `'${value}'`).join(", ")}`;
}

function readWhole(given: string | undefined): number | undefined {
  if (given === undefined) return undefined;
  return /^-?\d+$/.test(given) ? Number(given) : Number.NaN;
}

function describe(fields: ReadonlyMap<string, Described>): JsonSchema {
  const properties = [...fields].map(([name, { json }]) => [name, json] as const);
  return { type: "object", properties: Object.fromEntries(properties) };
}

function judged<T extends object>(
  type: Class<T>,
  fields: ReadonlyMap<string, Described>,
  input: unknown,
  options: ValidatorOptions = {},
): Outcome<Fields<T>> {
  if (!isJsonObject(input)) {
    const message = input === undefined ? REQUIRED : NOT_AN_OBJECT;
    return { ok: false, findings: [{ path: "", message }] };
  }
  const unknown = Object.keys(input).filter((name) => !fields.has(name));
  const sent = Object.entries(input).filter(([name, value]) => {
    return fields.has(name) && value !== undefined;
  });
  const value = Object.fromEntries(sent) as Fields<T>;
  const errors = validateSync(Object.assign(new type(), value), { ...STRICT, ...options });
  const findings = [
    ...errors.flatMap(findingsIn),
    ...unknown.map((path) => ({ path, message: UNKNOWN_FIELD })),
  ];
  return findings.length > 0 ? { ok: false, findings } : { ok: true, value };
}

function findingsIn({ property, constraints = {}, ...error }: ValidationError): Detail[] {
  const value: unknown = error.value;
  return Object.entries(constraints).flatMap(([name, message]) => {
    const each = error.contexts?.[name] as Each | undefined;
    return placesOf(property, value, each).map((path) => ({ path, message }));
  });
}

/** Of a list the wrong items, where class-validator tells only that there are some. */
function placesOf(path: string, value: unknown, each: Each | undefined): string[] {
  if (each === undefined || !Array.isArray(value)) return [path];
  return value.flatMap((item, at) => (each.holds(item) ? [] : [`${path}.${at}`]));
}
