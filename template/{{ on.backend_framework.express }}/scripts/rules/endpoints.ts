// Every route of the application, as its router sees it: also those that nobody declared.
import express, { type Express } from "express";

import { allRoutes } from "#app/routes";
import { API_PREFIX } from "#constants";
import { patternOf } from "#lib/openapi-document";
import type { Route } from "#lib/route";
import type { JsonSchema } from "#lib/schema";

export const EXEMPT: ReadonlySet<string> = new Set([
  "/health/live",
  "/health/ready",
  "/metrics",
  "/openapi.json",
  "/docs",
]);
const PARAMETER = /:(\w+)/g;

/** A property of a JSON schema, with its name. */
export interface Parameter {
  readonly name: string;
  readonly schema: JsonSchema;
  readonly required: boolean;
}

export class Endpoint {
  constructor(
    readonly method: string,
    /** With its parameters in braces, as logs and metrics have it. */
    readonly path: string,
    /** Nothing when it is mounted without a declaration. */
    readonly route: Route | undefined,
  ) {}

  get name(): string {
    return `${this.method} ${this.path}`;
  }

  /** From limits, credentials and the envelope of answers. */
  get exempt(): boolean {
    return EXEMPT.has(this.path);
  }

  get isApi(): boolean {
    return this.path.startsWith(`${API_PREFIX}/`);
  }

  get pathNames(): string[] {
    return [...this.path.matchAll(/{(\w+)}/g)].map(([, name]) => name ?? "");
  }

  get query(): Parameter[] {
    const { properties = {}, required = [] } = (this.route?.query?.json ?? {}) as {
      properties?: Record<string, JsonSchema>;
      required?: string[];
    };
    return Object.entries(properties).map(([name, schema]) => {
      return { name, schema, required: required.includes(name) && !("default" in schema) };
    });
  }
}

interface Layer {
  route?: { path: string; methods: Record<string, boolean> };
  handle: object;
}

const mounts = new WeakMap<object, string>();

/** Express forgets under which path something was mounted, so it is remembered here. */
export function watchMounts(): void {
  const prototype = express.Router.prototype as { use: (...given: unknown[]) => unknown };
  const { use } = prototype;
  prototype.use = function watched(this: object, ...given: unknown[]) {
    const [path, ...handlers] = given;
    if (typeof path === "string" && path !== "/") {
      for (const handler of handlers.flat()) mounts.set(handler as object, path);
    }
    return use.apply(this, given);
  };
}

export function endpointsOf(app: Express): Endpoint[] {
  const declared = new Map(
    allRoutes().map((route) => [
      `${route.method.toUpperCase()} ${patternOf(route, API_PREFIX)}`,
      route,
    ]),
  );
  const found = new Map<string, Endpoint>();
  for (const { method, path } of walk(app.router as unknown as { stack: Layer[] }, "")) {
    const pattern = path.replace(PARAMETER, "{$1}");
    const endpoint = new Endpoint(method, pattern, declared.get(`${method} ${pattern}`));
    found.set(endpoint.name, endpoint);
  }
  return [...found.values()];
}

function* walk(
  router: { stack: readonly Layer[] },
  prefix: string,
): Generator<{ method: string; path: string }> {
  for (const { route, handle } of router.stack) {
    const mount = mounts.get(handle);
    if (route !== undefined) {
      const methods = Object.keys(route.methods).filter((name) => !["_all", "head"].includes(name));
      // What answers any method is called, and found out, by GET.
      for (const method of methods.length > 0 ? methods : ["get"]) {
        yield { method: method.toUpperCase(), path: prefix + route.path };
      }
    } else if ("stack" in handle) {
      yield* walk(handle as { stack: Layer[] }, prefix + (mount ?? ""));
    } else if (mount !== undefined) {
      yield { method: "GET", path: prefix + mount };
    }
  }
}
