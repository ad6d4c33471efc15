// Makes a request that a route accepts, from the schemas of its input and the rows that exist.
import { randomUUID } from "node:crypto";

import { INTEGRATIONS } from "#constants";
import type { JsonSchema } from "#lib/schema";
import type { Catalogue } from "#scripts/rules/catalogue";
import type { Endpoint } from "#scripts/rules/endpoints";

const USUAL_LENGTH = 8;
const START = Date.UTC(2026, 0, 1);
const DAY_MS = 86_400_000;

type Values = Readonly<Record<string, unknown>>;

/** All values differ, so that unique columns take them. */
export class Examples {
  readonly #known: Values;
  #number = 0;

  constructor(
    private readonly catalogue: Catalogue,
    private readonly accountId: string,
    known: Values,
  ) {
    this.#known = { integration: INTEGRATIONS[0], ...known };
  }

  /** Its path, with rows that exist: `/orders/{id}` gets the id of an order. */
  async url(endpoint: Endpoint, given: Values = {}): Promise<string> {
    let url = "";
    let table = "";
    for (const part of endpoint.path.split("/").slice(1)) {
      const [, name] = /^{(\w+)}$/.exec(part) ?? [];
      if (name === undefined) {
        table = part.replaceAll("-", "_");
        url += `/${part}`;
        continue;
      }
      let value = given[name] ?? this.#known[name];
      if (value === undefined) {
        table = this.#target(name) ?? table;
        value = (await this.catalogue.anyId(table, this.accountId)) ?? randomUUID();
      }
      url += `/${String(value)}`;
    }
    return url;
  }

  async requiredQuery(endpoint: Endpoint): Promise<Record<string, unknown>> {
    const found: Record<string, unknown> = {};
    for (const { name, schema, required } of endpoint.query) {
      if (required) found[name] = await this.of(schema);
    }
    return found;
  }

  /** A value that fits the schema. */
  async of(schema: JsonSchema, name = ""): Promise<unknown> {
    if (name in this.#known) return this.#known[name];
    for (const alternatives of ["anyOf", "oneOf", "allOf"]) {
      const [first] = (schema[alternatives] ?? []) as JsonSchema[];
      if (first !== undefined) return this.of(first, name);
    }
    if ("const" in schema) return schema.const;
    if (Array.isArray(schema.enum)) return schema.enum[0];
    if (schema.type === "array") return [await this.of((schema.items ?? {}) as JsonSchema, name)];
    if (schema.type === "object") return this.#object(schema);
    if (schema.format === "uuid") return this.#reference(name);
    return this.#scalar(schema, name);
  }

  /** The table that a field refers to, going by the columns that are foreign keys. */
  #target(name: string): string | undefined {
    const key = this.catalogue.foreignKeys.find(
      ({ columns }) => camel(columns.at(-1) ?? "") === camel(name),
    );
    return key?.target;
  }

  async #object(schema: JsonSchema): Promise<Record<string, unknown>> {
    const { properties = {}, required = [] } = schema as {
      properties?: Record<string, JsonSchema>;
      required?: string[];
    };
    const content: Record<string, unknown> = {};
    for (const [name, inner] of Object.entries(properties)) {
      const value = await this.of(inner, name);
      // An optional reference to a row that does not exist yet is left out.
      if (value !== undefined || required.includes(name)) content[name] = value;
    }
    return content;
  }

  async #reference(name: string): Promise<string | undefined> {
    const table = this.#target(name);
    return table === undefined ? randomUUID() : this.catalogue.anyId(table, this.accountId);
  }

  #scalar(schema: JsonSchema, name: string): unknown {
    this.#number += 1;
    const number = this.#number;
    switch (schema.type) {
      case "integer":
      case "number":
        return within(number, schema);
      case "boolean":
        return true;
      case "null":
        return null;
      case "string":
        return textFor(number, schema, name);
      default:
        return { number };
    }
  }
}

function textFor(number: number, schema: JsonSchema, name: string): string {
  if (schema.format === "date-time") return new Date(START + number * 1_000).toISOString();
  if (schema.format === "date") return new Date(START + number * DAY_MS).toISOString().slice(0, 10);
  if (schema.format === "uri" || name.toLowerCase().endsWith("url")) {
    // No name server is asked for an address.
    return `https://198.51.100.1/${number}`;
  }
  // Digits fit most patterns, a decimal's above all.
  const { minLength = 1, maxLength = USUAL_LENGTH } = schema as Record<string, number>;
  const width = Math.max(minLength, Math.min(USUAL_LENGTH, maxLength));
  return String(number).padStart(width, "0").slice(-maxLength);
}

function within(number: number, schema: JsonSchema): number {
  const {
    minimum,
    exclusiveMinimum = -1,
    maximum,
    exclusiveMaximum = 2 ** 31,
  } = schema as Record<string, number>;
  const lowest = Math.max(minimum ?? exclusiveMinimum + 1, 0);
  const highest = Math.min(maximum ?? exclusiveMaximum, 2 ** 31 - 1);
  return highest > 0 ? lowest + (number % (highest - lowest + 1)) : highest;
}

function camel(name: string): string {
  return name.replaceAll(/_(\w)/g, (_, letter: string) => letter.toUpperCase());
}
