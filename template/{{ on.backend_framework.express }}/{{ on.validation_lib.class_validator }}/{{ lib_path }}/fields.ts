// What the decorators of a field have in common: each tells class-validator how to judge it, and
// notes what the OpenAPI document says of it, which class-validator cannot be asked for.
import { ValidateBy, type ValidationArguments } from "class-validator";

import { type JsonSchema, REQUIRED } from "#lib/schema";

export type Class<T> = new () => T;

export interface Described {
  readonly json: JsonSchema;
  readonly optional: boolean;
  /** Makes more of what a query string holds, which is text or nothing. */
  readonly read: (given: string | undefined) => unknown;
}

// By the prototypes of the classes.
const described = new WeakMap<object, Map<string, Described>>();

/** The fields of a class, those that it inherits first. */
export function fieldsOf(type: Class<object>): ReadonlyMap<string, Described> {
  const parent = Object.getPrototypeOf(type) as Class<object>;
  const inherited = parent === Function.prototype ? [] : fieldsOf(parent);
  return new Map([...inherited, ...(described.get(type.prototype as object) ?? [])]);
}

export function field(json: JsonSchema, ...judges: PropertyDecorator[]): PropertyDecorator {
  return all(
    said(() => ({ json })),
    ...judges,
  );
}

export function all(...decorators: PropertyDecorator[]): PropertyDecorator {
  return (target, name) => {
    for (const decorate of decorators) decorate(target, name);
  };
}

/** Notes what is new about a field. */
export function said(news: (known: Described) => Partial<Described>): PropertyDecorator {
  return (target, name) => {
    const fields = described.get(target) ?? new Map<string, Described>();
    const known = fields.get(String(name)) ?? { json: {}, optional: false, read: asItIs };
    described.set(target, fields.set(String(name), { ...known, ...news(known) }));
  };
}

/** A field that a predicate of ours judges: the same for every library. */
export function holds(
  name: string,
  error: string,
  test: (value: never) => boolean,
): PropertyDecorator {
  const validator = { validate: (value: unknown) => test(value as never) };
  return ValidateBy({ name, validator }, { message: told(error) });
}

/** What a caller is told of a value of another kind, and of one that is not there. */
export function told(message: string) {
  return ({ value }: ValidationArguments) => (value === undefined ? REQUIRED : message);
}

function asItIs(given: string | undefined): string | undefined {
  return given;
}
