// The envelopes of every answer, and the words that outputs are described with.
import type { ApiError } from "#lib/errors";
import { currentRequestId } from "#lib/request-context";
import { DECIMAL_PATTERN, type JsonSchema } from "#lib/schema";

/** One page of a list. */
export class Page<T> {
  constructor(
    readonly data: readonly T[],
    readonly nextCursor: string | null,
  ) {}
}

/** An answer that is more, or less, than data in the usual envelope. */
export class Reply {
  constructor(
    readonly status: number,
    readonly body: unknown,
    readonly headers: Readonly<Record<string, string>> = {},
  ) {}
}

export function accepted(job: { id: string; status: string }): Reply {
  return new Reply(202, { success: true, jobId: job.id, status: job.status });
}

/** Answers the error instead of throwing it, so that the transaction is committed all the same. */
export function refusal(error: ApiError): Reply {
  const { message, details } = error;
  const body = { error: message, requestId: currentRequestId(), ...(details && { details }) };
  return new Reply(error.status, body, error.headers);
}

/** A named schema of the OpenAPI document, and those that it refers to. */
export interface Component {
  readonly name: string;
  readonly json: JsonSchema;
  readonly uses: readonly Component[];
}

export const uuid: JsonSchema = { type: "string", format: "uuid" };
export const text: JsonSchema = { type: "string" };
export const integer: JsonSchema = { type: "integer" };
export const boolean: JsonSchema = { type: "boolean" };
export const decimal: JsonSchema = { type: "string", pattern: DECIMAL_PATTERN };
export const timestamp: JsonSchema = { type: "string", format: "date-time" };
export const jsonObject: JsonSchema = { type: "object", additionalProperties: true };

export function nullable(schema: JsonSchema): JsonSchema {
  return { anyOf: [schema, { type: "null" }] };
}

export function oneOf(values: readonly string[]): JsonSchema {
  return { type: "string", enum: values };
}

export function listOf(items: JsonSchema): JsonSchema {
  return { type: "array", items };
}

/** An object as the API shows it: every field is always there. */
export function output(name: string, properties: Readonly<Record<string, JsonSchema>>): Component {
  return component(name, properties);
}

const ok: JsonSchema = { type: "boolean", const: true, default: true };

export function success(data: Component): Component {
  return component(`Success_${data.name}_`, { success: ok, data: refer(data) }, [data]);
}

export function page(item: Component): Component {
  const properties = { success: ok, data: listOf(refer(item)), nextCursor: nullable(text) };
  return component(`Page_${item.name}_`, properties, [item]);
}

export const acceptedJob: Component = component("Accepted", {
  success: ok,
  jobId: uuid,
  status: oneOf(["queued", "active", "completed", "failed"]),
});

export function refer({ name }: { name: string }): JsonSchema {
  return { $ref: `#/components/schemas/${name}` };
}

function component(
  name: string,
  properties: Readonly<Record<string, JsonSchema>>,
  uses: readonly Component[] = [],
): Component {
  return { name, json: { type: "object", properties, required: Object.keys(properties) }, uses };
}
