import { expect, it } from "vitest";

import { FIRST, sample } from "#tests/support/samples";
import { useWorld } from "#tests/support/world";

const world = useWorld();

it("shows a key once, keeps its hash alone, and revokes it at once", async () => {
  const tenant = await world.tenant();
  const made = await tenant.call("POST", "/sdk-keys", { json: { name: "of the app" } });
  expect(made.status).toBe(201);
  const { id, key, prefix } = made.body.data as Record<string, string>;
  expect(key).toMatch(/^sk_[0-9a-f]{72}$/);
  expect(key?.startsWith(prefix ?? "?")).toBe(true);
  const listed = await tenant.call("GET", "/sdk-keys");
  expect(JSON.stringify(listed.body)).not.toContain(key);
  const [stored] = await world.asOwner("SELECT key_hash FROM sdk_keys WHERE id = $1", id);
  expect(stored?.key_hash).toMatch(/^[0-9a-f]{64}$/);

  const submit = async () =>
    world.call("POST", `/${FIRST}`, {
      json: await sample(FIRST, tenant),
      headers: { "X-API-Key": key ?? "" },
    });
  const row = await submit();
  expect(row.status).toBe(201);
  expect(row.body.data).toMatchObject({ accountId: tenant.account.id, userId: null });
  expect((await tenant.call("DELETE", `/sdk-keys/${id ?? ""}`)).status).toBe(204);
  expect((await submit()).status).toBe(401);
  expect((await tenant.call("DELETE", `/sdk-keys/${id ?? ""}`)).status).toBe(404);
});

it.each(["sk_made-up", `sk_${"0".repeat(72)}`])("refuses %s without a look-up", async (key) => {
  const answer = await world.call("POST", `/${FIRST}`, { json: {}, headers: { "X-API-Key": key } });
  expect(answer.status).toBe(401);
});
