// Runs jobs: claims them, keeps their lease, and decides what becomes of a failed one.
import { setTimeout as sleep } from "node:timers/promises";

import type { AppContext } from "#app/context";
import * as repository from "#app/jobs/repository";
import { JobFailed, JobMustWait, type ClaimedJob, type Handler } from "#app/jobs/work";
import { ApiError } from "#lib/errors";
import { queueJobs } from "#lib/metrics";
import { inContext, RequestContext } from "#lib/request-context";

// A killed worker's jobs run again once their lease is over.
const LEASE_MS = 10_000;
const RENEW_MS = 3_000;
const TIMEOUT_MS = 300_000;
const LONGEST_WAIT_MS = 24 * 60 * 60 * 1_000;

type Outcome = "completed" | "failed" | "retried" | "waiting" | "lost" | "returned";

export class JobRunner {
  readonly #stopping = new AbortController();
  readonly #givenBack = new AbortController();

  constructor(
    private readonly context: AppContext,
    private readonly handlers: Readonly<Record<string, Handler>>,
  ) {}

  /** Runs the job, unless it is another worker's, done or not due: then it does nothing. */
  async run(jobId: string): Promise<void> {
    const { database, queue, log } = this.context;
    try {
      if (this.#stopping.signal.aborted) {
        await queue.enqueue(jobId);
        return;
      }
      const job = await repository.claim(database, jobId, LEASE_MS);
      if (job === undefined) return;
      await inContext(new RequestContext(job.requestId ?? job.id), () => this.#runClaimed(job));
    } catch (error) {
      if (!(error instanceof ApiError)) throw error;
      // Lost for now; the sweeper finds the job again.
      log.error("job left behind", { jobId, error });
    }
  }

  stopClaiming(): void {
    this.#stopping.abort();
  }

  /** Stops the jobs that still run. They are queued again, as if they had not been tried. */
  giveBack(): void {
    this.#givenBack.abort();
  }

  async #runClaimed(job: ClaimedJob): Promise<void> {
    const started = performance.now();
    const outcome = await this.#settle(job);
    queueJobs.inc({ type: job.type, status: outcome });
    this.context.log.info("job ended", {
      jobId: job.id,
      type: job.type,
      outcome,
      attempts: job.attempts,
      durationMs: Math.round((performance.now() - started) * 10) / 10,
    });
  }

  async #settle(job: ClaimedJob): Promise<Outcome> {
    try {
      await this.#runWithLease(job);
    } catch (error) {
      if (this.#givenBack.signal.aborted) return this.#putBackUntried(job, 0, "returned");
      if (error instanceof JobMustWait) return this.#putBackUntried(job, error.waitMs, "waiting");
      return this.#settleFailure(job, error);
    }
    const kept = await repository.finish(this.context.database, job, "completed", null);
    return kept ? "completed" : "lost";
  }

  async #runWithLease(job: ClaimedJob): Promise<void> {
    const handler = this.handlers[job.type];
    if (handler === undefined) throw new JobFailed(`Unknown type of job: ${job.type}`);
    const ended = new AbortController();
    const signal = AbortSignal.any([ended.signal, this.#givenBack.signal]);
    try {
      await Promise.race([
        handler(job, signal),
        this.#watchLease(job, signal),
        sleep(TIMEOUT_MS, undefined, { signal }).then(() => {
          throw new JobFailed("The job took too long");
        }),
      ]);
    } finally {
      ended.abort();
    }
  }

  /** Throws once another worker has the job, or `signal` is aborted. */
  async #watchLease(job: ClaimedJob, signal: AbortSignal): Promise<never> {
    do {
      await sleep(RENEW_MS, undefined, { signal });
    } while (await this.#renewLease(job));
    throw new JobFailed("The lease was lost");
  }

  async #renewLease(job: ClaimedJob): Promise<boolean> {
    try {
      return await repository.renew(this.context.database, job, LEASE_MS);
    } catch (error) {
      // It may be this worker's still; the next renewal tells.
      this.context.log.warn("lease not renewed", { jobId: job.id, error });
      return true;
    }
  }

  async #putBackUntried<T extends Outcome>(job: ClaimedJob, waitMs: number, outcome: T) {
    const attempts = job.attempts - 1;
    const change = { waitMs, attempts, error: null };
    return (await repository.putBack(this.context.database, job, change)) ? outcome : "lost";
  }

  async #settleFailure(job: ClaimedJob, error: unknown): Promise<Outcome> {
    const { database, log, settings } = this.context;
    const { attempts } = job;
    log.warn("job attempt failed", { jobId: job.id, type: job.type, attempts, error });
    const message =
      error instanceof JobFailed ? error.message : `Unexpected error: ${nameOf(error)}`;
    if (attempts >= settings.queueMaxAttempts) {
      return (await repository.finish(database, job, "failed", message)) ? "failed" : "lost";
    }
    const asked = error instanceof JobFailed ? error.retryAfterMs : 0;
    const backoff = settings.queueBackoffMs * 2 ** Math.min(attempts - 1, 40);
    const waitMs = Math.min(Math.max(backoff, asked), LONGEST_WAIT_MS);
    const kept = await repository.putBack(database, job, { waitMs, attempts, error: message });
    return kept ? "retried" : "lost";
  }
}

function nameOf(error: unknown): string {
  return error instanceof Error ? error.name : typeof error;
}
