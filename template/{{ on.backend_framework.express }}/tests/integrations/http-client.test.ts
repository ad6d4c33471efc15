import { randomUUID } from "node:crypto";
import { afterAll, beforeAll, expect, it } from "vitest";

import { CircuitBreaker } from "#lib/circuit-breaker";
import { HttpClient, readRetryAfter, UpstreamError } from "#lib/http-client";
import { Receiver } from "#tests/support/receiver";
import { useWorld } from "#tests/support/world";

const world = useWorld();
const THRESHOLD = 4;
let upstream: Receiver;
const clients: HttpClient[] = [];
const { signal } = new AbortController();

beforeAll(async () => {
  upstream = await Receiver.start();
});
afterAll(async () => {
  await Promise.all(clients.map(async (client) => client.close()));
  upstream.stop();
});

function newClient(baseUrl = `${upstream.url}/base`): HttpClient {
  const { redis, log } = world.context;
  const name = `test-${randomUUID()}`;
  const breaker = new CircuitBreaker(redis, log, name, {
    threshold: THRESHOLD,
    resetMs: 5_000,
    probeMs: 1_000,
  });
  const client = new HttpClient(name, { baseUrl, apiKey: "key", breaker, timeoutMs: 500 });
  clients.push(client);
  return client;
}

it("sends the key as a bearer token", async () => {
  upstream.answers({ body: '{"n": 1}' });
  expect(await newClient().getObject("things/1", signal)).toEqual({ n: 1 });
  expect(upstream.calls[0]).toMatchObject({ method: "GET", path: "/base/things/1" });
  expect(upstream.calls[0]?.headers.authorization).toBe("Bearer key");
});

it.each([{ status: 500 }, { status: 503 }, { status: 429 }, { hangUp: true }])(
  "tries again after %o",
  async (failure) => {
    upstream.answers(failure, {});
    expect(await newClient().getObject("x", signal)).toEqual({});
    expect(upstream.calls).toHaveLength(2);
  },
);

it.each([429, 503])("waits as long as the Retry-After of a %i asks", async (status) => {
  upstream.answers({ status, headers: { "Retry-After": "1" } }, {});
  expect(await newClient().getObject("x", signal)).toEqual({});
  const [first, second] = upstream.calls;
  expect((second?.at ?? 0) - (first?.at ?? 0)).toBeGreaterThanOrEqual(990);
});

it.each([429, 503])("leaves a longer Retry-After of a %i to the job", async (status) => {
  upstream.answers({ status, headers: { "Retry-After": "600" } }, {});
  const refused = newClient().getObject("x", signal);
  await expect(refused).rejects.toMatchObject({ retryAfterMs: 600_000 });
  expect(upstream.calls).toHaveLength(1);
});

it("gives up on a call that takes too long, and tries again", async () => {
  let go: (value: unknown) => void = () => undefined;
  const hold = new Promise((resolve) => (go = resolve));
  upstream.answers({ hold }, {});
  expect(await newClient().getObject("x", signal)).toEqual({});
  const [first, second] = upstream.calls;
  expect((second?.at ?? 0) - (first?.at ?? 0)).toBeGreaterThanOrEqual(490);
  go(undefined);
});

it.each([400, 404, 302])("takes %i as an answer that stays", async (status) => {
  upstream.answers({ status, headers: { Location: `${upstream.url}/elsewhere` } });
  const client = newClient();
  for (let n = 0; n <= THRESHOLD; n += 1) {
    await expect(client.getObject("x", signal)).rejects.toThrow(`answered ${status}`);
  }
  expect(upstream.calls).toHaveLength(THRESHOLD + 1);
});

it("stops calling when the circuit opens, with the failure of the calls", async () => {
  upstream.answers({ status: 500 });
  const client = newClient();
  await expect(client.getObject("x", signal)).rejects.toThrow(UpstreamError);
  await expect(client.getObject("x", signal)).rejects.toThrow(/answered 500|circuit/);
  expect(upstream.calls.length).toBeLessThanOrEqual(THRESHOLD);
});

it.each(["[]", "no JSON"])("takes %s for no answer", async (body) => {
  upstream.answers({ body });
  await expect(newClient().getObject("x", signal)).rejects.toThrow(UpstreamError);
});

it("calls nothing without an address", async () => {
  await expect(newClient("").getObject("x", signal)).rejects.toThrow("no base URL");
});

it("reads Retry-After as seconds and as a date", () => {
  const now = Date.UTC(2026, 0, 1);
  expect(readRetryAfter("7", now)).toBe(7_000);
  expect(readRetryAfter(new Date(now + 3_000).toUTCString(), now)).toBe(3_000);
  expect(readRetryAfter("soon", now)).toBeUndefined();
  expect(readRetryAfter(undefined, now)).toBeUndefined();
});
