import { randomUUID } from "node:crypto";
import { expect, it } from "vitest";

import { FIRST, sample } from "#tests/support/samples";
import { useWorld } from "#tests/support/world";

const world = useWorld();

it("repeats the first answer for the same key and body", async () => {
  const tenant = await world.tenant();
  const json = await sample(FIRST, tenant);
  const headers = { "Idempotency-Key": randomUUID() };
  const first = await tenant.call("POST", `/${FIRST}`, { json, headers });
  const reordered = Object.fromEntries(Object.entries(json).reverse());
  const second = await tenant.call("POST", `/${FIRST}`, { json: reordered, headers });
  expect([first.status, second.status]).toEqual([201, 201]);
  expect(second.body).toEqual(first.body);
  expect(first.headers.get("idempotent-replay")).toBeNull();
  expect(second.headers.get("idempotent-replay")).toBe("true");
});

it("makes one row of many concurrent requests", async () => {
  const tenant = await world.tenant();
  const json = await sample(FIRST, tenant);
  const headers = { "Idempotency-Key": randomUUID() };
  const answers = await Promise.all(
    Array.from({ length: 8 }, async () => tenant.call("POST", `/${FIRST}`, { json, headers })),
  );
  expect(new Set(answers.map(({ body }) => body.data.id as string)).size).toBe(1);
});

it("refuses a key that was used with another body, and one that is no key", async () => {
  const tenant = await world.tenant();
  const headers = { "Idempotency-Key": randomUUID() };
  const post = async (key: object) =>
    tenant.call("POST", `/${FIRST}`, { json: await sample(FIRST, tenant), headers: { ...key } });
  expect((await post(headers)).status).toBe(201);
  expect((await post(headers)).status).toBe(409);
  expect((await post({ "Idempotency-Key": "x".repeat(256) })).status).toBe(400);
});

it("forgets a key after a day, and what failed at once", async () => {
  const tenant = await world.tenant();
  const headers = { "Idempotency-Key": randomUUID() };
  const refused = await tenant.call("POST", `/${FIRST}`, { json: {}, headers });
  expect(refused.status).toBe(400);
  const json = await sample(FIRST, tenant);
  expect((await tenant.call("POST", `/${FIRST}`, { json, headers })).status).toBe(201);
  await world.asOwner(
    "UPDATE idempotency_keys SET created_at = now() - interval '25 hours' WHERE account_id = $1",
    tenant.account.id,
  );
  const other = await sample(FIRST, tenant);
  const again = await tenant.call("POST", `/${FIRST}`, { json: other, headers });
  expect(again.status).toBe(201);
  expect(again.headers.get("idempotent-replay")).toBeNull();
});
