import type { AppContext } from "#app/context";
import type { Job } from "#app/jobs/models";
import * as repository from "#app/jobs/repository";
import type { Transaction } from "#lib/database";
import { Conflict, NotFound, Unavailable } from "#lib/errors";
import { queueJobs } from "#lib/metrics";

// Each round means that the pending job ended in the instant between two statements.
const ROUNDS = 3;

export async function get(tx: Transaction, id: string): Promise<Job> {
  const job = await repository.get(tx, id);
  if (job === undefined) throw new NotFound();
  return job;
}

/** Queues work for after the commit; while the same is pending, answers that job instead. */
export async function submit(
  context: AppContext,
  tx: Transaction,
  work: repository.NewJob,
): Promise<Job> {
  await context.queue.ping();
  for (let round = 0; round < ROUNDS; round += 1) {
    const added = await repository.add(tx, work);
    if (added !== undefined) {
      tx.afterCommit(() => publish(context, added));
      return added;
    }
    const pending = await repository.findPending(tx, work.type, work.dedupeKey);
    if (pending !== undefined) return pending;
  }
  throw new Conflict();
}

async function publish({ queue, log }: AppContext, job: Job): Promise<void> {
  queueJobs.inc({ type: job.type, status: "queued" });
  try {
    await queue.enqueue(job.id);
  } catch (error) {
    if (!(error instanceof Unavailable)) throw error;
    log.warn("job not published, the sweeper will do it", { jobId: job.id });
  }
}
