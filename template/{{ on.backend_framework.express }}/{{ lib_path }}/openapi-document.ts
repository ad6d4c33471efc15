// The OpenAPI document, made from the routes as they are declared.
import { MESSAGES } from "#lib/errors";
import { type Component, listOf, output, refer, text, uuid } from "#lib/responses";
import type { Route } from "#lib/route";
import type { JsonSchema } from "#lib/schema";

type Json = Record<string, unknown>;

const SECURITY_SCHEMES: Json = {
  bearer: { type: "http", scheme: "bearer", bearerFormat: "JWT" },
  metricsToken: { type: "http", scheme: "bearer", description: "METRICS_TOKEN" },
  sdkKey: { type: "apiKey", in: "header", name: "X-API-Key" },
};
const ACCOUNT_HEADER: Json = {
  name: "X-Account-Id",
  in: "header",
  required: false,
  description: "The account to act in; needed by members of several.",
  schema: uuid,
};
const IDEMPOTENCY_HEADER: Json = {
  name: "Idempotency-Key",
  in: "header",
  required: false,
  schema: { anyOf: [{ type: "string", maxLength: 255, pattern: "^[!-~]+$" }, { type: "null" }] },
};
const COMMON_HEADERS = ["X-Request-Id", "X-Response-Time", "X-Content-Type-Options"];
const LIMIT_HEADERS = ["X-RateLimit-Limit", "X-RateLimit-Remaining", "X-RateLimit-Reset"];
const HEADERS: Json = {
  "X-Request-Id": { schema: text, required: true },
  "X-Response-Time": { schema: { type: "string", pattern: String.raw`^\d+ms$` }, required: true },
  "X-Content-Type-Options": { schema: { type: "string", const: "nosniff" }, required: true },
  "X-RateLimit-Limit": { schema: { type: "integer" }, required: true },
  "X-RateLimit-Remaining": { schema: { type: "integer" }, required: true },
  "X-RateLimit-Reset": {
    schema: { type: "integer" },
    required: true,
    description: "Unix seconds",
  },
  "Retry-After": { schema: { type: "integer" }, required: true, description: "Seconds" },
  Allow: { schema: text, required: true },
  "Idempotent-Replay": { schema: { type: "string", const: "true" } },
};
const OWN_HEADERS: Readonly<Record<number, readonly string[]>> = {
  405: ["Allow"],
  429: ["Retry-After"],
};
const EVERYWHERE = [405, 413, 500];
const PARAMETER = /:(\w+)/g;

const errorDetail = output("ErrorDetail", { path: text, message: text });
const details: JsonSchema = listOf(refer(errorDetail));
const error: Component = {
  name: "Error",
  json: {
    type: "object",
    properties: { error: text, requestId: text, details },
    required: ["error", "requestId"],
  },
  uses: [errorDetail],
};

export interface Service {
  title: string;
  version: string;
  prefix: string;
}

/** The path of a route as OpenAPI, the logs and the metrics write it. */
export function patternOf({ bare, path }: Route, prefix: string): string {
  return (bare === true ? "" : prefix) + path.replace(PARAMETER, "{$1}");
}

export function describe(routes: readonly Route[], service: Service): Json {
  const paths: Record<string, Json> = {};
  const schemas = new Map<string, JsonSchema>();
  add(schemas, error);
  for (const route of routes) {
    const pattern = patternOf(route, service.prefix);
    paths[pattern] = { ...paths[pattern], [route.method]: operationOf(route) };
    if (route.body !== undefined) schemas.set(route.body.name, route.body.json);
    for (const { returns } of [route, ...Object.values(route.others ?? {})]) add(schemas, returns);
  }
  return {
    openapi: "3.1.0",
    info: { title: service.title, version: service.version },
    paths,
    components: {
      schemas: Object.fromEntries(schemas),
      securitySchemes: SECURITY_SCHEMES,
      headers: HEADERS,
    },
  };
}

function add(schemas: Map<string, JsonSchema>, component: Component | undefined): void {
  if (component === undefined) return;
  schemas.set(component.name, { title: component.name, ...component.json });
  for (const used of component.uses) add(schemas, used);
}

function operationOf(route: Route): Json {
  const parameters = parametersOf(route);
  const security = securityOf(route);
  return {
    tags: [route.tag],
    operationId: nameOf(route),
    ...(parameters.length > 0 && { parameters }),
    ...(route.body && { requestBody: { required: true, content: jsonOf(refer(route.body)) } }),
    responses: responsesOf(route),
    ...(security && { security }),
  };
}

/** `GET /jobs/:id` -> getJobsById */
function nameOf({ method, path }: Route): string {
  const words = path.replace(PARAMETER, "by-$1").split(/[^A-Za-z0-9]+/);
  return words.reduce((name, word) => name + word.charAt(0).toUpperCase() + word.slice(1), method);
}

function parametersOf(route: Route): Json[] {
  const inPath = [...route.path.matchAll(PARAMETER)].map(([, name = ""]) => ({
    name,
    in: "path",
    required: true,
    schema: route.pathParameters?.[name] ?? uuid,
  }));
  const properties = (route.query?.json.properties ?? {}) as Record<string, JsonSchema>;
  const inQuery = Object.entries(properties).map(([name, schema]) => ({
    name,
    in: "query",
    required: false,
    schema,
  }));
  return [
    ...inPath,
    ...inQuery,
    ...(route.idempotent === true ? [IDEMPOTENCY_HEADER] : []),
    ...(route.access.anonymous ? [] : [ACCOUNT_HEADER]),
  ];
}

function securityOf({ access, security }: Route): Json[] | undefined {
  if (security !== undefined) return [...security];
  if (access.anonymous) return undefined;
  return [{ bearer: [] }, ...(access.sdkKey ? [{ sdkKey: [] }] : [])];
}

function responsesOf(route: Route): Json {
  const success = route.status ?? (route.returns === undefined ? 204 : 200);
  const described: Record<number, Json> = Object.fromEntries(
    statusesOf(route).map((status) => [
      status,
      { description: MESSAGES.get(status), content: jsonOf(refer(error)) },
    ]),
  );
  described[success] = { description: "Successful Response", ...contentOf(route) };
  for (const [status, { description, returns }] of Object.entries(route.others ?? {})) {
    described[Number(status)] = { description, content: jsonOf(refer(returns)) };
  }
  for (const [status, response] of Object.entries(described)) {
    response.headers = headersOf(route, Number(status));
  }
  return described;
}

function contentOf({ returns, type }: Route): Json {
  if (type !== undefined) return { content: { [type]: { schema: text } } };
  return returns === undefined ? {} : { content: jsonOf(refer(returns)) };
}

function headersOf(route: Route, status: number): Json {
  // A length that is too large is refused before anything is counted.
  const limited = !route.access.exempt && status !== 413;
  const names = [
    ...COMMON_HEADERS,
    ...(limited ? LIMIT_HEADERS : []),
    ...(OWN_HEADERS[status] ?? []),
    ...(route.idempotent === true && status === 201 ? ["Idempotent-Replay"] : []),
  ];
  return Object.fromEntries(names.map((name) => [name, { $ref: `#/components/headers/${name}` }]));
}

function statusesOf({ access, security, path, body, method }: Route): number[] {
  if (access.exempt) return [...EVERYWHERE, ...(security === undefined ? [] : [401])];
  return [
    ...EVERYWHERE,
    ...[400, 401, 429, 503, 504],
    ...(access.anonymous ? [] : [403]),
    ...(path.includes(":") ? [404] : []),
    ...(body === undefined ? [] : [415]),
    ...(["post", "patch", "delete"].includes(method) ? [409] : []),
  ];
}

function jsonOf(schema: JsonSchema): Json {
  return { "application/json": { schema } };
}
