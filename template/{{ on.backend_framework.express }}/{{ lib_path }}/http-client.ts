// How integrations are called: with a timeout, jittered retries and a shared circuit breaker.
import { DelegateBackoff, handleWhen, retry } from "cockatiel";
import { Agent, type Dispatcher } from "undici";

import { CircuitOpen, type CircuitBreaker } from "#lib/circuit-breaker";

const RETRIES = 2;
const FIRST_WAIT_MS = 200;
const LONGEST_WAIT_MS = 5_000;
// A longer `Retry-After` is not waited for here: the job ends and comes again.
const LONGEST_RETRY_AFTER_MS = 10_000;
const MAX_ANSWER_BYTES = 10_485_760;
const TOO_MANY_REQUESTS = 429;
const IDEMPOTENT: ReadonlySet<string> = new Set(["GET", "HEAD", "OPTIONS", "PUT", "DELETE"]);

/** The upstream did not do what was asked. The message is fit to be shown to a tenant. */
export class UpstreamError extends Error {
  readonly retryable: boolean;
  readonly retryAfterMs: number | undefined;

  constructor(
    message: string,
    options: ErrorOptions & { retryable?: boolean; retryAfterMs?: number | undefined } = {},
  ) {
    super(message, options);
    this.name = "UpstreamError";
    this.retryable = options.retryable ?? false;
    this.retryAfterMs = options.retryAfterMs;
  }
}

export interface Answer {
  status: number;
  body: string;
}

export interface HttpClientOptions {
  baseUrl: string;
  apiKey: string;
  breaker: CircuitBreaker;
  timeoutMs: number;
}

/** Calls one upstream. Each single call asks the circuit breaker first and reports to it. */
export class HttpClient {
  readonly #agent: Agent;
  readonly #retries = retry(handleWhen(mayRetry), {
    maxAttempts: RETRIES,
    backoff: new DelegateBackoff(({ attempt, result }) =>
      waitBefore(attempt, "error" in result ? result.error : undefined),
    ),
  });

  constructor(
    private readonly name: string,
    private readonly options: HttpClientOptions,
  ) {
    this.#agent = new Agent({
      connect: { timeout: options.timeoutMs },
      maxResponseSize: MAX_ANSWER_BYTES,
    });
  }

  async request(
    method: Dispatcher.HttpMethod,
    path: string,
    { signal, json }: { signal: AbortSignal; json?: unknown },
  ): Promise<Answer> {
    if (this.options.baseUrl === "") {
      throw new UpstreamError(`${this.name} has no base URL configured`);
    }
    let failure: UpstreamError | undefined;
    const call = async (): Promise<Answer> => {
      try {
        return await this.#call(method, path, json, signal);
      } catch (error) {
        // Calls were made and failed, so it is their failure that ends the request.
        if (error instanceof CircuitOpen && failure !== undefined) {
          throw new UpstreamError(failure.message, { cause: failure });
        }
        if (error instanceof UpstreamError) failure = error;
        throw error;
      }
    };
    return IDEMPOTENT.has(method) ? this.#retries.execute(call, signal) : call();
  }

  /** GETs a JSON object. */
  async getObject(path: string, signal: AbortSignal): Promise<Record<string, unknown>> {
    const { body } = await this.request("GET", path, { signal });
    let content: unknown;
    try {
      content = JSON.parse(body);
    } catch (cause) {
      throw new UpstreamError(`${this.name} did not answer JSON`, { cause });
    }
    if (typeof content !== "object" || content === null || Array.isArray(content)) {
      throw new UpstreamError(`${this.name} did not answer a JSON object`);
    }
    return content as Record<string, unknown>;
  }

  async showCircuit(): Promise<void> {
    await this.options.breaker.showState();
  }

  async close(): Promise<void> {
    await this.#agent.destroy();
  }

  async #call(
    method: Dispatcher.HttpMethod,
    path: string,
    json: unknown,
    signal: AbortSignal,
  ): Promise<Answer> {
    const { breaker, timeoutMs } = this.options;
    const permit = await breaker.enter();
    const deadline = AbortSignal.timeout(timeoutMs);
    let answer: Answer & { retryAfter: string | undefined };
    try {
      answer = await this.#send(method, path, json, AbortSignal.any([signal, deadline]));
    } catch (cause) {
      if (signal.aborted) {
        await breaker.release(permit);
        throw cause;
      }
      await breaker.report(permit, false);
      const problem = deadline.aborted ? "did not answer in time" : "could not be reached";
      throw new UpstreamError(`${this.name} ${problem}`, { cause, retryable: true });
    }
    const { status, body, retryAfter } = answer;
    const broken = status >= 500;
    await breaker.report(permit, !broken);
    if (status >= 200 && status < 300) return { status, body };
    throw new UpstreamError(`${this.name} answered ${String(status)}`, {
      retryable: broken || status === TOO_MANY_REQUESTS,
      retryAfterMs: readRetryAfter(retryAfter),
    });
  }

  async #send(
    method: Dispatcher.HttpMethod,
    path: string,
    json: unknown,
    signal: AbortSignal,
  ): Promise<Answer & { retryAfter: string | undefined }> {
    const url = new URL(`${this.options.baseUrl.replace(/\/+$/, "")}/${path}`);
    const headers: Record<string, string> = { accept: "application/json" };
    if (this.options.apiKey !== "") headers.authorization = `Bearer ${this.options.apiKey}`;
    if (json !== undefined) headers["content-type"] = "application/json";
    const response = await this.#agent.request({
      origin: url.origin,
      path: url.pathname + url.search,
      method,
      headers,
      body: json === undefined ? null : JSON.stringify(json),
      signal,
    });
    const retryAfter = response.headers["retry-after"];
    return {
      status: response.statusCode,
      body: await response.body.text(),
      retryAfter: Array.isArray(retryAfter) ? retryAfter[0] : retryAfter,
    };
  }
}

function mayRetry(error: unknown): boolean {
  if (!(error instanceof UpstreamError) || !error.retryable) return false;
  return (error.retryAfterMs ?? 0) <= LONGEST_RETRY_AFTER_MS;
}

function waitBefore(attempt: number, error: unknown): number {
  if (error instanceof UpstreamError && error.retryAfterMs !== undefined) return error.retryAfterMs;
  const wait = FIRST_WAIT_MS * 2 ** (attempt - 1) + Math.random() * FIRST_WAIT_MS;
  return Math.min(wait, LONGEST_WAIT_MS);
}

/** Both forms of the header, seconds and a date, as milliseconds from now. */
export function readRetryAfter(header: string | undefined, now = Date.now()): number | undefined {
  if (header === undefined) return undefined;
  if (/^\d+$/.test(header)) return Number(header) * 1_000;
  const moment = Date.parse(header);
  return Number.isNaN(moment) ? undefined : Math.max(0, moment - now);
}
