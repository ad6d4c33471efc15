import { describe, expect, it } from "vitest";

import { FIRST } from "#tests/support/samples";
import { useWorld } from "#tests/support/world";

const world = useWorld({ corsOrigins: ["https://app.example.test"], appEnv: "development" });
const locked = useWorld({ metricsToken: "a-token-for-metrics" });

describe("health", () => {
  it("is live, and ready while its servers answer", async () => {
    expect((await world.call("GET", "//health/live")).body).toEqual({ status: "ok" });
    const { status, body } = await world.call("GET", "//health/ready");
    expect([status, body]).toEqual([
      200,
      { status: "ok", checks: { database: "ok", redis: "ok" } },
    ]);
  });

  it("is not ready while it drains", async () => {
    world.context.draining = true;
    try {
      const { status, body } = await world.call("GET", "//health/ready");
      expect([status, body.status]).toEqual([503, "draining"]);
    } finally {
      world.context.draining = false;
    }
  });
});

describe("every answer", () => {
  it("has an id, the caller's if it may be one, its time, and no banner", async () => {
    const given = await world.call("GET", "//health/live", {
      headers: { "X-Request-Id": "a.b_c-1" },
    });
    expect(given.headers.get("x-request-id")).toBe("a.b_c-1");
    const odd = await world.call("GET", "/nowhere", { headers: { "X-Request-Id": "a b" } });
    expect(odd.headers.get("x-request-id")).toMatch(/^[0-9a-f-]{36}$/);
    expect(odd.headers.get("x-response-time")).toMatch(/^\d+ms$/);
    expect(odd.headers.get("x-content-type-options")).toBe("nosniff");
    expect(odd.headers.get("x-powered-by")).toBeNull();
    expect(odd.headers.get("x-ratelimit-limit")).toBe("100");
  });

  it("lets listed origins read it, and no other", async () => {
    const from = async (Origin: string) =>
      (await world.call("GET", "//health/live", { headers: { Origin } })).headers.get(
        "access-control-allow-origin",
      );
    expect(await from("https://app.example.test")).toBe("https://app.example.test");
    expect(await from("https://elsewhere.example.test")).toBeNull();
    const preflight = await fetch(`${world.url}/api/v1/${FIRST}`, {
      method: "OPTIONS",
      headers: { Origin: "https://app.example.test", "Access-Control-Request-Method": "POST" },
    });
    expect(preflight.ok).toBe(true);
  });
});

describe("metrics", () => {
  it("count requests by route, never by id", async () => {
    const { call } = await world.tenant();
    await call("GET", `/${FIRST}/01a20000-0000-7000-8000-000000000000`);
    const { body } = await world.call("GET", "//metrics");
    expect(body).toMatch(/http_requests_total\{method="GET",route="[^"]*\{id\}",status="404"\} 1/);
    expect(body).not.toContain("01a20000");
    for (const name of ["db_query_duration_seconds", "queue_jobs_total", "circuit_breaker_state"]) {
      expect(body).toContain(`# TYPE ${name} `);
    }
  });

  it("ask for their token where there is one", async () => {
    const metrics = async (token: string) => {
      const headers = { Authorization: `Bearer ${token}` };
      return (await locked.call("GET", "//metrics", { headers })).status;
    };
    expect([await metrics("a-token-for-metrics"), await metrics("another")]).toEqual([200, 401]);
    expect((await locked.call("GET", "//metrics")).status).toBe(401);
  });
});

describe("the document", () => {
  it("describes every route, and is shown as a page in development alone", async () => {
    const { body } = await world.call("GET", "//openapi.json");
    expect(body.openapi).toBe("3.1.0");
    expect(Object.keys(body.paths as object).length).toBeGreaterThan(10);
    expect((await world.call("GET", "//docs")).status).toBe(200);
    expect((await locked.call("GET", "//docs")).status).toBe(404);
  });
});
