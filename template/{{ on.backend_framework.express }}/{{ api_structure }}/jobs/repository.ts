import { randomUUID } from "node:crypto";

import type { Job } from "#app/jobs/models";
import type { ClaimedJob } from "#app/jobs/work";
import type { Database, Transaction } from "#lib/database";
import { sql } from "#lib/sql";
import { uuid7 } from "#lib/uuid7";

export interface NewJob {
  accountId: string;
  type: string;
  dedupeKey: string;
  payload: Record<string, unknown>;
  requestId: string | null;
}

export interface LostJob {
  id: string;
  type: string;
  status: "queued" | "failed";
  requestId: string | null;
}

const columns = sql`
  id, type, status, attempts, error, created_at AS "createdAt", finished_at AS "finishedAt"`;

export async function get(tx: Transaction, id: string): Promise<Job | undefined> {
  const [job] = await tx.query<Job>(sql`SELECT ${columns} FROM jobs WHERE id = ${id}`);
  return job;
}

/** Undefined when the same work is pending already, also in a transaction that commits just now. */
export async function add(tx: Transaction, job: NewJob): Promise<Job | undefined> {
  const [added] = await tx.query<Job>(sql`
    INSERT INTO jobs (id, account_id, type, dedupe_key, payload, request_id)
    VALUES (${uuid7()}, ${job.accountId}, ${job.type}, ${job.dedupeKey},
            ${JSON.stringify(job.payload)}::jsonb, ${job.requestId})
    ON CONFLICT (account_id, type, dedupe_key) WHERE status IN ('queued', 'active') DO NOTHING
    RETURNING ${columns}`);
  return added;
}

export async function findPending(
  tx: Transaction,
  type: string,
  dedupeKey: string,
): Promise<Job | undefined> {
  const [job] = await tx.query<Job>(sql`
    SELECT ${columns} FROM jobs
    WHERE type = ${type} AND dedupe_key = ${dedupeKey} AND status IN ('queued', 'active')`);
  return job;
}

/** Undefined when the job is taken, done, gone or not due yet. */
export async function claim(
  database: Database,
  id: string,
  leaseMs: number,
): Promise<ClaimedJob | undefined> {
  const token = randomUUID();
  const [row] = await database.transaction((tx) =>
    tx.query<Omit<ClaimedJob, "id" | "token">>(sql`
      SELECT account_id AS "accountId", type, payload, attempts, request_id AS "requestId"
      FROM app.claim_job(${id}, ${token}, ${leaseMs / 1_000})`),
  );
  return row && { id, token, ...row };
}

// Each of the following answers false when the lease was lost: the job is another worker's by now.

export async function renew(database: Database, job: ClaimedJob, leaseMs: number) {
  return database.tenant(job.accountId, null, async (tx) => {
    const rows = await tx.query(sql`
      UPDATE jobs
      SET lease_until = now() + make_interval(secs => ${leaseMs / 1_000}), updated_at = now()
      WHERE id = ${job.id} AND lease_token = ${job.token}
      RETURNING id`);
    return rows.length > 0;
  });
}

export async function finish(
  database: Database,
  job: ClaimedJob,
  status: "completed" | "failed",
  error: string | null,
): Promise<boolean> {
  return database.tenant(job.accountId, null, async (tx) => {
    const rows = await tx.query(sql`
      UPDATE jobs
      SET status = ${status}, error = ${error}, finished_at = now(),
          lease_until = NULL, lease_token = NULL, updated_at = now()
      WHERE id = ${job.id} AND lease_token = ${job.token}
      RETURNING id`);
    return rows.length > 0;
  });
}

/** Queues the job again; the sweeper publishes it when it is due. */
export async function putBack(
  database: Database,
  job: ClaimedJob,
  { waitMs, attempts, error }: { waitMs: number; attempts: number; error: string | null },
): Promise<boolean> {
  return database.tenant(job.accountId, null, async (tx) => {
    const rows = await tx.query(sql`
      UPDATE jobs
      SET status = 'queued', attempts = ${attempts}, error = ${error},
          run_at = now() + make_interval(secs => ${waitMs / 1_000}), published_at = NULL,
          lease_until = NULL, lease_token = NULL, updated_at = now()
      WHERE id = ${job.id} AND lease_token = ${job.token}
      RETURNING id`);
    return rows.length > 0;
  });
}

export async function takeBackLost(database: Database, maxLosses: number): Promise<LostJob[]> {
  return database.transaction((tx) =>
    tx.query<LostJob>(sql`
      SELECT id, type, status, request_id AS "requestId"
      FROM app.take_back_lost_jobs(${maxLosses})`),
  );
}

export async function takeDue(
  database: Database,
  limit: number,
  republishMs: number,
): Promise<string[]> {
  const rows = await database.transaction((tx) =>
    tx.query<{ id: string }>(sql`
      SELECT id FROM app.take_due_jobs(${limit}, ${republishMs / 1_000}) AS due (id)`),
  );
  return rows.map(({ id }) => id);
}
