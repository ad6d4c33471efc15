// Who may run a job, for how long, and when it comes again.
import { randomUUID } from "node:crypto";
import { describe, expect, it } from "vitest";

import * as repository from "#app/jobs/repository";
import { JobRunner } from "#app/jobs/runner";
import { sweep } from "#app/jobs/sweeper";
import { type ClaimedJob, type Handler, JobFailed } from "#app/jobs/work";
import { eventually } from "#tests/support/waiting";
import { useWorld } from "#tests/support/world";

const BACKOFF_MS = 60_000;
const ATTEMPTS = 4;
const LEASE_MS = 10_000;
const TYPE = "test.lease";
const world = useWorld({ queueBackoffMs: BACKOFF_MS, queueMaxAttempts: ATTEMPTS });

async function queued(): Promise<string> {
  const { account } = await world.tenant();
  const job = await world.context.database.tenant(account.id, null, async (tx) =>
    repository.add(tx, {
      accountId: account.id,
      type: TYPE,
      dedupeKey: randomUUID(),
      payload: {},
      requestId: null,
    }),
  );
  if (job === undefined) throw new Error("not added");
  return job.id;
}

interface Row {
  status: string;
  attempts: number;
  token: string | null;
  /** In milliseconds: what is left of the lease, and of the wait when it was put back. */
  lease: number;
  wait: number;
}

async function rowOf(id: string): Promise<Row> {
  const [row] = await world.asOwner(
    `SELECT status, attempts, lease_token AS token,
            extract(epoch FROM lease_until - clock_timestamp())::float8 * 1000 AS lease,
            extract(epoch FROM run_at - updated_at)::float8 * 1000 AS wait
     FROM jobs WHERE id = $1`,
    id,
  );
  return row as unknown as Row;
}

async function claim(id: string): Promise<ClaimedJob> {
  const job = await repository.claim(world.context.database, id, LEASE_MS);
  if (job === undefined) throw new Error("not claimed");
  return job;
}

function runner(handler: Handler): JobRunner {
  return new JobRunner(world.context, { [TYPE]: handler });
}

/** Works until it is told to end, or its job is no longer its own. */
function worker() {
  let end: () => void = () => undefined;
  const told = new Promise<void>((resolve) => (end = resolve));
  const seen = { aborted: false };
  const handler: Handler = async (_, signal) => {
    signal.addEventListener("abort", () => {
      seen.aborted = true;
      end();
    });
    await told;
  };
  return { runner: runner(handler), seen, end };
}

describe("a lease", () => {
  it("keeps other workers away, also from a job whose time has come again", async () => {
    const id = await queued();
    const job = await claim(id);
    expect((await rowOf(id)).lease).toBeGreaterThan(LEASE_MS / 2);
    expect((await rowOf(id)).lease).toBeLessThanOrEqual(LEASE_MS);
    await sweep(world.context);
    expect(await repository.claim(world.context.database, id, LEASE_MS)).toBeUndefined();
    expect(await rowOf(id)).toMatchObject({ status: "active", attempts: 1, token: job.token });
  });

  it("that is lost changes nothing more: the job is another worker's", async () => {
    const { database } = world.context;
    const id = await queued();
    const lost = await claim(id);
    await world.asOwner("UPDATE jobs SET lease_until = now() - interval '1 s' WHERE id = $1", id);
    await sweep(world.context);
    const held = await claim(id);
    const change = { waitMs: 0, attempts: 0, error: null };
    expect(await repository.renew(database, lost, LEASE_MS * 10)).toBe(false);
    expect(await repository.finish(database, lost, "failed", "late")).toBe(false);
    expect(await repository.putBack(database, lost, change)).toBe(false);
    const row = await rowOf(id);
    expect(row).toMatchObject({ status: "active", attempts: 1, token: held.token });
    expect(row.lease).toBeLessThanOrEqual(LEASE_MS);
    expect(await repository.finish(database, held, "completed", null)).toBe(true);
  });

  it("is renewed while the job runs, and its loss ends the run", async () => {
    const [kept, taken] = [await queued(), await queued()];
    const [one, other] = [worker(), worker()];
    const running = [one.runner.run(kept), other.runner.run(taken)];
    const active = async (id: string) =>
      eventually(async () => ((await rowOf(id)).status === "active" ? true : undefined));
    await Promise.all([active(kept), active(taken)]);
    const token = randomUUID();
    await world.asOwner("UPDATE jobs SET lease_token = $2 WHERE id = $1", taken, token);
    // Less than any renewal leaves, so that a renewal shows.
    const expire = "UPDATE jobs SET lease_until = now() + interval '5 s' WHERE id = $1";
    await world.asOwner(expire, kept);
    await eventually(async () => ((await rowOf(kept)).lease > 6_000 ? true : undefined));
    await eventually(() => (other.seen.aborted ? true : undefined));
    expect(one.seen.aborted).toBe(false);
    one.end();
    await Promise.all(running);
    expect(await rowOf(kept)).toMatchObject({ status: "completed", token: null });
    expect(await rowOf(taken)).toMatchObject({ status: "active", token });
  });
});

describe("the wait before the next attempt", () => {
  it("doubles with each", async () => {
    const id = await queued();
    const failing = runner(async () => Promise.reject(new JobFailed("not today")));
    const waits: number[] = [];
    for (let attempt = 1; attempt < ATTEMPTS; attempt += 1) {
      await failing.run(id);
      waits.push((await rowOf(id)).wait);
      // Not before its time.
      await failing.run(id);
      expect((await rowOf(id)).attempts).toBe(attempt);
      await world.asOwner("UPDATE jobs SET run_at = now() WHERE id = $1", id);
    }
    expect(waits).toEqual([BACKOFF_MS, BACKOFF_MS * 2, BACKOFF_MS * 4]);
  });

  it("is as long as the integration asked for, if that is longer, and a day at most", async () => {
    const waitAfter = async (retryAfterMs: number) => {
      const id = await queued();
      await runner(async () => Promise.reject(new JobFailed("busy", { retryAfterMs }))).run(id);
      return (await rowOf(id)).wait;
    };
    expect(await waitAfter(600_000)).toBe(600_000);
    expect(await waitAfter(1_000)).toBe(BACKOFF_MS);
    expect(await waitAfter(10 ** 9)).toBe(86_400_000);
  });
});
