// Publishes what the queue does not know: jobs that are due again, were lost with the queue, or
// whose worker died.
import type { AppContext } from "#app/context";
import * as repository from "#app/jobs/repository";
import { queueJobs } from "#lib/metrics";

const BATCH = 100;
// A published job that nobody has claimed for so long was lost, or the queue is long.
const REPUBLISH_MS = 10_000;
// How many workers may die of a job before it is the job's fault.
const MAX_LOSSES = 5;

export async function sweep({ database, queue, log }: AppContext): Promise<void> {
  for (const job of await repository.takeBackLost(database, MAX_LOSSES)) {
    queueJobs.inc({ type: job.type, status: job.status === "failed" ? "failed" : "lost" });
    log.warn("job lost its worker", {
      jobId: job.id,
      type: job.type,
      status: job.status,
      requestId: job.requestId,
    });
  }
  // With messages waiting nothing is stranded, and more of them would only be repetitions.
  if ((await queue.depth()) >= BATCH) return;
  for (const id of await repository.takeDue(database, BATCH, REPUBLISH_MS)) {
    await queue.enqueue(id);
  }
}
