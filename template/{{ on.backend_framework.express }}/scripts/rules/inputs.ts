// R4: every input has a schema, and what the schema does not name is refused.
import ts from "typescript";

import type { JsonSchema } from "#lib/schema";
import type { Endpoint } from "#scripts/rules/endpoints";
import type { Answer } from "#scripts/rules/service";
import { inLibrary, modules, placesIn, program } from "#scripts/rules/sources";
import { count, type Verdict, verdict } from "#scripts/rules/verdict";
import type { World } from "#scripts/rules/world";

const UNKNOWN = "notInTheSchema";
// No row has it, and no number is written so.
const NO_ID = "no-such-id";
const REQUESTS = new Set(["Request", "IncomingMessage"]);
// What reads input past the schemas, on a request.
const READ = new Set(["body", "query", "params", "url", "originalUrl", "rawBody"]);
const RECEIVED = new Set(["on", "once", "pipe", "read", "addListener"]);

export async function check({ service, few }: World): Promise<Verdict> {
  const failures = [...rawReads()];
  let bodies = 0;
  let queries = 0;
  for (const endpoint of service.endpoints) {
    // A route that nobody declared, or counts, is limited by nothing: that is R5's to say.
    if (endpoint.route === undefined || endpoint.route.access.exempt) continue;
    failures.push(...loose(endpoint));
    for (const name of endpoint.pathNames) {
      const answer = await service.call(endpoint, few, { path: { [name]: NO_ID } });
      if (answer.status >= 500) {
        failures.push(
          `${endpoint.name}: '${NO_ID}' as ${name} got ${answer.status} instead of 404: call it id, or` +
            " declare its schema in pathParameters",
        );
      }
    }
    queries += 1;
    const asked = await service.call(endpoint, few, { query: { [UNKNOWN]: "1" } });
    failures.push(...refusal(endpoint, asked, "query parameter"));
    if (endpoint.route.body === undefined) continue;
    bodies += 1;
    const sent = await service.call(endpoint, few, { body: { [UNKNOWN]: 1 } });
    failures.push(...refusal(endpoint, sent, "field"));
  }
  return verdict(
    `${count(bodies, "route")} with a body, ${count(queries, "route")} with a query`,
    `${bodies + queries} unknown fields and parameters answered 400`,
    failures,
  );
}

/** A body's size is limited as a whole; parameters go on to the database one by one. */
function* loose(endpoint: Endpoint): Generator<string> {
  const { route } = endpoint;
  if (route?.body !== undefined) {
    for (const complaint of open(route.body.json, ""))
      yield `${endpoint.name}: its body ${complaint}`;
  }
  for (const { name, schema } of endpoint.query) {
    const missing = missingBounds(schema);
    if (missing !== "")
      yield `${endpoint.name}: its query parameter ${name} takes ${missing}: bound it`;
  }
  for (const name of endpoint.pathNames) {
    const missing = name === "id" ? "" : missingBounds(route?.pathParameters?.[name] ?? {});
    if (missing !== "") {
      yield (
        `${endpoint.name}: its path parameter ${name} takes ${missing}: call it id, or declare its` +
        " schema in pathParameters"
      );
    }
  }
}

/** The parts that let pass what they do not name; a JSON object that says so is data. */
function* open(schema: JsonSchema, path: string): Generator<string> {
  const alternatives = ["anyOf", "oneOf", "allOf"].flatMap(
    (name) => (schema[name] ?? []) as JsonSchema[],
  );
  for (const one of alternatives) yield* open(one, path);
  if (schema.type === "array") yield* open((schema.items ?? {}) as JsonSchema, `${path}[]`);
  const known = ["type", "enum", "const", "$ref"].some((name) => name in schema);
  const where = path === "" ? "" : `at ${path} `;
  if (alternatives.length === 0 && !known) yield `${where}takes anything: declare its fields`;
  if (schema.type !== "object") return;
  const properties = Object.entries((schema.properties ?? {}) as Record<string, JsonSchema>);
  const isData = path !== "" && properties.length === 0 && schema.additionalProperties === true;
  if (!isData && schema.additionalProperties !== false) {
    yield `${where}lets unknown fields pass: make it with body or patch`;
  }
  for (const [name, inner] of properties)
    yield* open(inner, path === "" ? name : `${path}.${name}`);
}

function missingBounds(schema: JsonSchema): string {
  const inner = ["anyOf", "oneOf", "allOf"].flatMap((name) => (schema[name] ?? []) as JsonSchema[]);
  if (schema.items !== undefined) inner.push(schema.items as JsonSchema);
  if (inner.length > 0) return inner.map(missingBounds).find((missing) => missing !== "") ?? "";
  const has = (...names: string[]) => names.some((name) => name in schema);
  if (has("enum", "const")) return "";
  switch (schema.type) {
    case "string":
      return has("maxLength", "pattern", "format") ? "" : "text of any length";
    case "integer":
    case "number": {
      const bounded = has("minimum", "exclusiveMinimum") && has("maximum", "exclusiveMaximum");
      return bounded ? "" : "numbers of any size";
    }
    case "boolean":
    case "null":
      return "";
    default:
      return "anything";
  }
}

function* refusal(endpoint: Endpoint, answer: Answer, what: string): Generator<string> {
  const details = (answer.content?.details ?? []) as { path: string }[];
  if (answer.status === 400 && details.some(({ path }) => path.includes(UNKNOWN))) return;
  yield (
    `${endpoint.name}: an unknown ${what} got ${answer.status} instead of a 400 that names it: let` +
    " its schema refuse it"
  );
}

function* rawReads(): Generator<string> {
  const files = modules().filter((file) => !inLibrary(file));
  for (const { node, at } of placesIn(files)) {
    if (isRawRead(node)) {
      const text = node.getText().split("\n", 1)[0] ?? "";
      yield `${at}: reads \`${text}\` past the schemas: declare the input in the route`;
    }
  }
}

function isRawRead(node: ts.Node): boolean {
  if (ts.isPropertyAccessExpression(node)) {
    const name = node.name.text;
    const called = ts.isCallExpression(node.parent) && node.parent.expression === node;
    return (READ.has(name) || (called && RECEIVED.has(name))) && isRequest(node.expression);
  }
  if (ts.isElementAccessExpression(node)) {
    const name = node.argumentExpression;
    return ts.isStringLiteralLike(name) && READ.has(name.text) && isRequest(node.expression);
  }
  if (ts.isForOfStatement(node)) return isRequest(node.expression);
  if (ts.isObjectBindingPattern(node)) {
    const read = node.elements.some((one) => READ.has((one.propertyName ?? one.name).getText()));
    return read && isRequest(node);
  }
  return false;
}

function isRequest(node: ts.Node): boolean {
  const type = program().getTypeChecker().getTypeAtLocation(node);
  const symbol = type.getSymbol();
  return symbol !== undefined && REQUESTS.has(symbol.name);
}
