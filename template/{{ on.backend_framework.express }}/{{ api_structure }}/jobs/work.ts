// What a kind of job is made of: the claimed row, its handler, and how the handler may fail.

/** A job that this worker alone may run, for as long as it renews its lease. */
export interface ClaimedJob {
  readonly id: string;
  readonly token: string;
  readonly accountId: string;
  readonly type: string;
  readonly payload: Record<string, unknown>;
  readonly attempts: number;
  readonly requestId: string | null;
}

/**
 * May run more than once for the same job, so its effect must be idempotent. It ends soon after
 * `signal` is aborted, for then the job is no longer this worker's.
 */
export type Handler = (job: ClaimedJob, signal: AbortSignal) => Promise<void>;

/** This attempt failed. The message is shown to the tenant. */
export class JobFailed extends Error {
  readonly retryAfterMs: number;

  constructor(message: string, options: ErrorOptions & { retryAfterMs?: number | undefined } = {}) {
    super(message, options);
    this.name = "JobFailed";
    this.retryAfterMs = options.retryAfterMs ?? 0;
  }
}

/** Nothing could be tried yet: the job comes again, without having used up an attempt. */
export class JobMustWait extends Error {
  constructor(
    readonly waitMs: number,
    options?: ErrorOptions,
  ) {
    super(`Not before ${String(waitMs)} ms from now`, options);
    this.name = "JobMustWait";
  }
}
