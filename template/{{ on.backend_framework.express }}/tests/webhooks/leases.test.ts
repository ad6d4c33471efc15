// Who may send a delivery, for how long, and when it is sent again.
import { afterAll, beforeAll, beforeEach, expect, it } from "vitest";

import { Relay } from "#app/webhooks/relay";
import * as repository from "#app/webhooks/repository";
import { Sender } from "#app/webhooks/sender";
import { EVENT_TYPES } from "#constants";
import { Receiver } from "#tests/support/receiver";
import { FIRST, written } from "#tests/support/samples";
import { eventually } from "#tests/support/waiting";
import { useWorld } from "#tests/support/world";

const BACKOFF_MS = 60_000;
const TIMEOUT_MS = 10_000;
const LEASE_MS = 60_000;
const world = useWorld({ webhookBackoffMs: BACKOFF_MS, webhookTimeoutMs: TIMEOUT_MS });
let receiver: Receiver;

beforeAll(async () => {
  receiver = await Receiver.start();
});
// What another test, or another file, left due would be sent here.
beforeEach(async () => {
  await world.asOwner("DELETE FROM webhook_endpoints");
});
afterAll(() => {
  receiver.stop();
});

function relay(): Relay {
  return new Relay(world.context, new Sender({ timeoutMs: TIMEOUT_MS, allowPrivate: true }));
}

/** A delivery that is due; all statements below are about it. */
async function due(): Promise<void> {
  const tenant = await world.tenant();
  const json = { url: `${receiver.url}/hook`, eventTypes: EVENT_TYPES };
  expect((await tenant.call("POST", "/webhook-endpoints", { json })).status).toBe(201);
  await written(FIRST, tenant);
}

interface Row {
  status: string;
  attempts: number;
  token: string | null;
  error: string | null;
  /** In milliseconds: what is left of the lease, and of the wait when it was written. */
  lease: number;
  wait: number;
}

async function row(): Promise<Row> {
  const rows = await world.asOwner(
    `SELECT status, attempts, lease_token AS token, last_error AS error,
            extract(epoch FROM lease_until - clock_timestamp())::float8 * 1000 AS lease,
            extract(epoch FROM next_attempt_at - updated_at)::float8 * 1000 AS wait
     FROM webhook_deliveries`,
  );
  expect(rows).toHaveLength(1);
  return rows[0] as unknown as Row;
}

async function expireLease(): Promise<void> {
  await world.asOwner("UPDATE webhook_deliveries SET lease_until = now() - interval '1 s'");
}

async function claim() {
  return repository.claim(world.context.database, 10, 10, LEASE_MS);
}

it("is sent by one worker, whose lease outlasts the receiver's time", async () => {
  await due();
  let go: (value: unknown) => void = () => undefined;
  receiver.answers({ hold: new Promise((resolve) => (go = resolve)) });
  const sending = relay().processDue();
  try {
    await eventually(() => (receiver.calls.length === 1 ? true : undefined));
    expect((await row()).lease).toBeGreaterThan(TIMEOUT_MS);
    expect(await relay().processDue()).toBe(0);
    expect(receiver.calls).toHaveLength(1);
  } finally {
    go(undefined);
  }
  await sending;
  expect(await row()).toMatchObject({ status: "delivered", attempts: 1, token: null });
});

it("of a lost worker is sent again, under its id, and the late outcome does not count", async () => {
  await due();
  let go: (value: unknown) => void = () => undefined;
  receiver.answers({ hold: new Promise((resolve) => (go = resolve)) }, { status: 500 });
  const late = relay().processDue();
  try {
    await eventually(() => (receiver.calls.length === 1 ? true : undefined));
    await expireLease();
    expect(await relay().processDue()).toBe(1);
  } finally {
    go(undefined);
  }
  await late;
  expect(new Set(receiver.calls.map(({ headers }) => headers["webhook-id"])).size).toBe(1);
  expect(receiver.calls).toHaveLength(2);
  expect(await row()).toMatchObject({
    status: "pending",
    attempts: 1,
    error: "The endpoint answered 500",
  });
});

it("whose lease was lost is changed by its holder alone", async () => {
  const { database } = world.context;
  await due();
  const [lost] = await claim();
  expect(await claim()).toEqual([]);
  await expireLease();
  const [held] = await claim();
  if (lost === undefined || held === undefined) throw new Error("not claimed");
  await repository.markDelivered(database, lost, 200);
  await repository.markFailed(database, lost, { statusCode: 500, error: "late" }, null);
  await repository.giveBack(database, lost);
  const kept = { status: "pending", attempts: 0, error: null, token: held.token };
  expect(await row()).toMatchObject(kept);
  await repository.giveBack(database, held);
  expect(await row()).toMatchObject({ ...kept, token: null });
});

it("waits twice as long after each failure, give or take a fifth", async () => {
  await due();
  receiver.answers({ status: 500 });
  for (let attempt = 1; attempt <= 4; attempt += 1) {
    await world.asOwner("UPDATE webhook_deliveries SET next_attempt_at = now()");
    // One attempt: the next is not due yet.
    expect(await relay().processDue()).toBe(1);
    const { attempts, wait } = await row();
    const wanted = BACKOFF_MS * 2 ** (attempt - 1);
    expect(attempts).toBe(attempt);
    expect(wait).toBeGreaterThanOrEqual(wanted * 0.8 - 1);
    expect(wait).toBeLessThanOrEqual(wanted * 1.2 + 1);
  }
});
