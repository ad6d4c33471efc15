import { createHash, timingSafeEqual } from "node:crypto";

import type { AppContext } from "#app/context";
import { Unauthorized } from "#lib/errors";
import { registry } from "#lib/metrics";
import { type Component, oneOf, output, Reply } from "#lib/responses";
import { exempt, route } from "#lib/route";

const CHECK_MS = 2_000;
const CHECKS = ["database", "redis"] as const;
const OUTCOMES = ["ok", "unavailable"] as const;

type Outcome = (typeof OUTCOMES)[number];

const live: Component = {
  name: "Live",
  json: { type: "object", properties: { status: { type: "string", const: "ok", default: "ok" } } },
  uses: [],
};
const ready = output("Ready", {
  status: oneOf([...OUTCOMES, "draining"]),
  checks: {
    type: "object",
    propertyNames: { enum: CHECKS },
    additionalProperties: oneOf(OUTCOMES),
  },
});

export const healthRoutes = [
  route({
    method: "get",
    path: "/health/live",
    tag: "operations",
    access: exempt,
    bare: true,
    returns: live,
    handler: () => ({ status: "ok" }),
  }),
  route({
    method: "get",
    path: "/health/ready",
    tag: "operations",
    access: exempt,
    bare: true,
    returns: ready,
    others: { 503: { description: "Service Unavailable", returns: ready } },
    handler: async ({ context }) => {
      const [database, redis] = await Promise.all([
        check(context, "database", () => context.database.ping()),
        check(context, "redis", () => context.redis.ping()),
      ]);
      const healthy = database === "ok" && redis === "ok";
      const status = context.draining ? "draining" : healthy ? "ok" : "unavailable";
      return new Reply(status === "ok" ? 200 : 503, { status, checks: { database, redis } });
    },
  }),
  route({
    method: "get",
    path: "/metrics",
    tag: "operations",
    access: exempt,
    bare: true,
    type: "text/plain",
    status: 200,
    security: [{}, { metricsToken: [] }],
    handler: async ({ context, request }) => {
      const { metricsToken } = context.settings;
      const given = request.headers.authorization ?? "";
      if (metricsToken !== "" && !same(given, `Bearer ${metricsToken}`)) throw new Unauthorized();
      return new Reply(200, await registry.metrics(), { "Content-Type": registry.contentType });
    },
  }),
];

async function check(
  { log }: AppContext,
  name: string,
  probe: () => Promise<unknown>,
): Promise<Outcome> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => {
      reject(new Error("No answer in time"));
    }, CHECK_MS);
  });
  try {
    await Promise.race([probe(), late]);
    return "ok";
  } catch (error) {
    log.warn("health check failed", { check: name, error });
    return "unavailable";
  } finally {
    clearTimeout(timer);
  }
}

function same(given: string, expected: string): boolean {
  const digest = (text: string) => createHash("sha256").update(text).digest();
  return timingSafeEqual(digest(given), digest(expected));
}
