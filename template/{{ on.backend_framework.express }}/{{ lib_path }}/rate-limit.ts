// Who is limited, by what, and what a refused caller is told.
import { createHash } from "node:crypto";
import type { IncomingMessage } from "node:http";

import { clientAddress } from "#lib/client-address";
import { TooManyRequests } from "#lib/errors";
import type { FixedWindow } from "#lib/fixed-window";
import type { Logger } from "#lib/logging";
import { rateLimitFailures, rateLimitRejections } from "#lib/metrics";
import { currentContext, type Window } from "#lib/request-context";

const PAUSE_AFTER_ERROR_MS = 1_000;
const MINUTE = 60;

export interface Limits {
  public: number;
  authenticated: number;
  login: number;
  proxyHops: number;
}

/** The three limits of the service. Fails open: an unlimited service beats a dead one. */
export class RateLimiter {
  #askAgainAt = 0;

  constructor(
    private readonly window: FixedWindow,
    private readonly log: Logger,
    private readonly limits: Limits,
  ) {}

  /** Each of these throws TooManyRequests when there is no place left. */
  async hitAddress(request: IncomingMessage): Promise<void> {
    await this.#hit("public", this.#addressOf(request), this.limits.public);
  }

  /** `caller` is a user or an SDK key. */
  async hitCaller(caller: string): Promise<void> {
    await this.#hit("authenticated", caller, this.limits.authenticated);
  }

  /** An attempt to log in, which has its place at the address already. */
  async hitLogin(request: IncomingMessage, email: string): Promise<void> {
    const address = this.#addressOf(request);
    const pair = createHash("sha256").update(`${email.toLowerCase()} ${address}`).digest("hex");
    try {
      await this.#hit("login", pair, this.limits.login);
    } catch (error) {
      if (error instanceof TooManyRequests) await this.#giveBack(`public:${address}`);
      throw error;
    }
  }

  #addressOf(request: IncomingMessage): string {
    return clientAddress(request, this.limits.proxyHops);
  }

  async #hit(name: string, key: string, limit: number): Promise<void> {
    const window = await this.#takePlace(`${name}:${key}`, limit);
    currentContext()?.tighten(window);
    if (window.allowed) return;
    rateLimitRejections.inc({ limit: name });
    // Whole seconds are rounded at both ends, and no window is longer than a minute.
    const wait = window.reset - Math.floor(Date.now() / 1_000);
    throw new TooManyRequests(Math.min(MINUTE, Math.max(1, wait)));
  }

  async #takePlace(key: string, limit: number): Promise<Window> {
    if (performance.now() >= this.#askAgainAt) {
      try {
        return await this.window.hit(key, limit);
      } catch (error) {
        // Or else every request would wait for the same time-out.
        this.#askAgainAt = performance.now() + PAUSE_AFTER_ERROR_MS;
        this.log.warn("rate limit skipped, Redis is away", { error });
      }
    }
    rateLimitFailures.inc();
    const reset = (Math.floor(Date.now() / 1_000 / MINUTE) + 1) * MINUTE;
    return { limit, remaining: limit, reset, allowed: true };
  }

  async #giveBack(key: string): Promise<void> {
    try {
      await this.window.giveBack(key);
    } catch (error) {
      this.log.warn("place of a rate limit not given back, Redis is away", { error });
    }
  }
}

export function limitHeaders(window: Window): Record<string, string> {
  return {
    "X-RateLimit-Limit": String(window.limit),
    "X-RateLimit-Remaining": String(window.remaining),
    "X-RateLimit-Reset": String(window.reset),
  };
}
