// What is known about the request, or the job, that is being served.
import { AsyncLocalStorage } from "node:async_hooks";

/** The state of one rate limit after a request has been counted. */
export interface Window {
  readonly limit: number;
  readonly remaining: number;
  /** Unix seconds. */
  readonly reset: number;
  readonly allowed: boolean;
}

export class RequestContext {
  readonly started = performance.now();
  /** The pattern of the route that took the request. */
  route = "unmatched";
  userId: string | null = null;
  accountId: string | null = null;
  window: Window | undefined;
  /** Why the request failed, when that is no fault of the caller. */
  failure: unknown;

  constructor(readonly requestId: string) {}

  get elapsedMs(): number {
    return performance.now() - this.started;
  }

  /** Keeps the limit with the fewest places left: it is the one the headers tell of. */
  tighten(window: Window): void {
    if (this.window === undefined || window.remaining <= this.window.remaining) {
      this.window = window;
    }
  }
}

const storage = new AsyncLocalStorage<RequestContext>();

/** Runs `work` with what is known about its request; a job runs with its request's id. */
export function inContext<T>(context: RequestContext, work: () => T): T {
  return storage.run(context, work);
}

export function currentContext(): RequestContext | undefined {
  return storage.getStore();
}

export function currentRequestId(): string | undefined {
  return storage.getStore()?.requestId;
}
