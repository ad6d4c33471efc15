// How much a known caller may ask, and how long an answer may take.
import pg from "pg";
import { afterEach, describe, expect, inject, it } from "vitest";

import { minuteWithRoom } from "#tests/support/waiting";
import { type Answer, type Tenant, useWorld } from "#tests/support/world";

const LIMIT = 4;
const scarce = useWorld({ rateLimitAuthenticatedPerMinute: LIMIT });
const hasty = useWorld({ requestTimeoutMs: 1_000 });

function numberIn(answer: Answer | undefined, header: string): number {
  return Number(answer?.headers.get(header));
}

describe("a known caller", () => {
  it("has a number of requests in a minute, whatever the address", async () => {
    const tenant = await scarce.tenant();
    await minuteWithRoom();
    for (let left = LIMIT - 1; left >= 0; left -= 1) {
      const answer = await tenant.call("GET", "/sdk-keys");
      expect(answer.status).toBe(200);
      expect(numberIn(answer, "x-ratelimit-limit")).toBe(LIMIT);
      expect(numberIn(answer, "x-ratelimit-remaining")).toBe(left);
    }
    expect((await tenant.call("GET", "/sdk-keys")).status).toBe(429);
  });

  it("is refused what comes after, until the window ends", async () => {
    const tenant = await scarce.tenant();
    await minuteWithRoom();
    const answers: Answer[] = [];
    while (answers.at(-1)?.status !== 429 && answers.length <= LIMIT) {
      answers.push(await tenant.call("GET", "/sdk-keys"));
    }
    const refused = answers.at(-1);
    const wait = numberIn(refused, "x-ratelimit-reset") - Date.now() / 1_000;
    expect(refused?.status).toBe(429);
    expect(numberIn(refused, "x-ratelimit-remaining")).toBe(0);
    expect(Math.abs(numberIn(refused, "retry-after") - wait)).toBeLessThanOrEqual(2);
    expect(numberIn(refused, "retry-after")).toBeLessThanOrEqual(60);
  });

  it("counts apart from others, also when it is refused for another reason", async () => {
    const [tenant, other] = [await scarce.tenant(), await scarce.tenant()];
    await minuteWithRoom();
    const headers = { "X-Account-Id": other.account.id };
    const refused = await tenant.call("GET", "/sdk-keys", { headers });
    expect([refused.status, numberIn(refused, "x-ratelimit-remaining")]).toEqual([403, LIMIT - 1]);
    expect(numberIn(await other.call("GET", "/sdk-keys"), "x-ratelimit-remaining")).toBe(LIMIT - 1);
    const missing = await tenant.call("DELETE", "/sdk-keys/01a20000-0000-7000-8000-000000000000");
    expect([missing.status, numberIn(missing, "x-ratelimit-remaining")]).toEqual([404, LIMIT - 2]);
  });
});

describe("an answer", () => {
  const clients: pg.Client[] = [];
  afterEach(async () => {
    await Promise.all(clients.splice(0).map(async (client) => client.end()));
  });

  async function keysOf(tenant: Tenant): Promise<number> {
    return ((await tenant.call("GET", "/sdk-keys")).body.data as unknown[]).length;
  }

  it("that takes too long is 504, and what it would have done is not done", async () => {
    const tenant = await hasty.tenant();
    const before = await keysOf(tenant);
    const owner = new pg.Client({ connectionString: inject("urls").MIGRATION_DATABASE_URL });
    clients.push(owner);
    await owner.connect();
    const lock = "BEGIN; LOCK TABLE sdk_keys IN SHARE ROW EXCLUSIVE MODE";
    await owner.query(lock);
    const late = await tenant.call("POST", "/sdk-keys", { json: { name: "late" } });
    expect(late.status).toBe(504);
    // Not the time-out of the statement, which would be told of alike.
    const took = Number.parseInt(late.headers.get("x-response-time") ?? "", 10);
    expect(took).toBeGreaterThanOrEqual(990);
    expect(took).toBeLessThan(hasty.context.settings.dbTimeoutMs - 1_000);
    await owner.query("ROLLBACK");
    // Behind the transaction that was waiting, so that it has ended then.
    await owner.query(lock);
    await owner.query("ROLLBACK");
    expect(await keysOf(tenant)).toBe(before);
  });
});
