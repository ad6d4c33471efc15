// What is wrong with a request is told in the contract's form, whatever it is.
import { describe, expect, it } from "vitest";

import { allRoutes } from "#app/routes";
import { API_PREFIX } from "#constants";
import { FIRST } from "#tests/support/samples";
import { minuteWithRoom } from "#tests/support/waiting";
import { type Answer, useWorld } from "#tests/support/world";

const world = useWorld();
const broken = useWorld();
const ID = "01a20000-0000-7000-8000-000000000000";
const withBody = allRoutes().filter(({ body }) => body !== undefined);

function pathOf(path: string): string {
  return path.replaceAll(/:id\b/g, ID).replaceAll(/:\w+/g, "apideck");
}

function expectRefusal({ status, body, headers }: Answer, wanted: number): void {
  expect(status).toBe(wanted);
  expect(body).toMatchObject({
    error: expect.any(String) as string,
    requestId: headers.get("x-request-id"),
  });
  expect(JSON.stringify(body)).not.toMatch(/\bat \/|node_modules|SELECT|stack/);
}

describe("every route with a body", () => {
  it.each(withBody.map((route) => [route.method, route.path, route] as const))(
    "%s %s refuses an unknown field, and what is no JSON",
    async (method, path, route) => {
      const tenant = await world.tenant();
      const call = route.access.anonymous ? world.call : tenant.call;
      const verb = method.toUpperCase() as "POST";
      const unknown = await call(verb, pathOf(path), { json: { nobodyKnowsThis: 1 } });
      expectRefusal(unknown, 400);
      expect(unknown.body.details).toContainEqual({
        path: "nobodyKnowsThis",
        message: "Unknown field",
      });
      const headers = { "Content-Type": "application/json" };
      expectRefusal(await call(verb, pathOf(path), { body: "{", headers }), 400);
      expectRefusal(await call(verb, pathOf(path), { body: "a=1" }), 415);
    },
  );
});

describe("a body", () => {
  const headers = { "Content-Type": "application/json" };

  it.each([
    ["that is not UTF-8", Buffer.from([0x22, 0xff, 0x22])],
    ["that holds NUL", '{"metadata": "\\u0000"}'],
    ["that holds half a surrogate pair", '{"metadata": "\\ud800"}'],
    ["that nests too deep", "[".repeat(70) + "]".repeat(70)],
    ["with a number that no double holds", '{"metadata": 1e999}'],
  ])("%s is refused before its schema is asked", async (_, body) => {
    const tenant = await world.tenant();
    const answer = await tenant.call("POST", `/${FIRST}`, { body, headers });
    expectRefusal(answer, 400);
    expect(answer.body.details).toBeUndefined();
  });

  it.each([
    ["that is empty", ""],
    ["that is a list", "[]"],
  ])("%s is refused", async (_, body) => {
    const tenant = await world.tenant();
    expectRefusal(await tenant.call("POST", `/${FIRST}`, { body, headers }), 400);
  });

  it("that is too large is refused before it is read, also without a length", async () => {
    const {
      call,
      headers: { Authorization = "" },
    } = await world.tenant();
    const headers = { "Content-Type": "application/json" };
    const body = " ".repeat(world.context.settings.maxPayloadBytes + 1);
    expectRefusal(await call("POST", `/${FIRST}`, { body, headers }), 413);
    const chunked = await fetch(`${world.url}${API_PREFIX}/${FIRST}`, {
      method: "POST",
      body: new Blob([body]).stream(),
      duplex: "half",
      headers: { ...headers, Authorization },
    });
    expect(chunked.status).toBe(413);
  });

  it("that is encoded is refused", async () => {
    const { call } = await world.tenant();
    const headers = { "Content-Type": "application/json", "Content-Encoding": "gzip" };
    expectRefusal(await call("POST", `/${FIRST}`, { body: "{}", headers }), 415);
  });
});

describe("a request", () => {
  it("to no route is 404, by a wrong method 405 with what is allowed", async () => {
    const { call } = await world.tenant();
    expectRefusal(await call("GET", "/nothing-here"), 404);
    const answer = await call("PUT", `/${FIRST}`);
    expectRefusal(answer, 405);
    expect(answer.headers.get("allow")).toBe("GET, POST");
  });

  it("for an id that is no UUID is 404", async () => {
    const { call } = await world.tenant();
    expectRefusal(await call("GET", `/${FIRST}/7`), 404);
  });

  it("without credentials, or with two kinds, is refused", async () => {
    const tenant = await world.tenant();
    expectRefusal(await world.call("GET", `/${FIRST}`), 401);
    const headers = { ...tenant.headers, ...tenant.sdkHeaders };
    expectRefusal(await world.call("GET", `/${FIRST}`, { headers }), 400);
  });

  it.each(["limit=0", "limit=101", "limit=x", "limit=1?", "?", "cursor=x", "surprise=1"])(
    "with ?%s is refused",
    async (query) => {
      const { call } = await world.tenant();
      expectRefusal(await call("GET", `/${FIRST}?${query}`), 400);
    },
  );

  it("in an account that is not the caller's is refused", async () => {
    const [tenant, other] = [await world.tenant(), await world.tenant()];
    for (const account of [other.account.id, "nonsense"]) {
      const headers = { "X-Account-Id": account };
      expectRefusal(await tenant.call("GET", `/${FIRST}`, { headers }), 403);
      const sdk = { headers: { ...tenant.sdkHeaders, ...headers }, json: {} };
      expectRefusal(await world.call("POST", `/${FIRST}`, sdk), 403);
    }
  });

  it("beyond the limit is refused, and told when to come back", async () => {
    const headers = { "X-Forwarded-For": "198.51.100.99" };
    const limit = world.context.settings.rateLimitPublicPerMinute;
    await minuteWithRoom();
    const calls = Array.from({ length: limit + 5 }, async () =>
      world.call("GET", `/${FIRST}`, { headers }),
    );
    const answers = await Promise.all(calls);
    const refused = answers.filter(({ status }) => status === 429);
    expect(refused).toHaveLength(5);
    expect(Number(refused[0]?.headers.get("retry-after"))).toBeGreaterThan(0);
    expect(answers.filter(({ status }) => status === 401)).toHaveLength(limit);
  });

  it("that meets a bug is 500, and its cause is logged, not told", async () => {
    const { headers } = await broken.tenant();
    const hitCaller = async () => Promise.reject(new TypeError("a secret detail"));
    Object.assign(broken.context, { limiter: { hitCaller } });
    const answer = await broken.call("GET", "/sdk-keys", { headers });
    expectRefusal(answer, 500);
    expect(JSON.stringify(answer.body)).not.toContain("secret detail");
  });
});
