// A fixed window of one minute in Redis, counted by rate-limiter-flexible.
import type { Redis } from "ioredis";
import { RateLimiterRedis } from "rate-limiter-flexible";

import type { Window } from "#lib/request-context";

// Seconds.
const MINUTE = 60;

export class FixedWindow {
  readonly #counter: RateLimiterRedis;

  constructor(redis: Redis) {
    this.#counter = new RateLimiterRedis({
      storeClient: redis,
      keyPrefix: "limit",
      // A window's key outlives it, so that a place that is given back finds it.
      duration: 2 * MINUTE,
      points: Number.MAX_SAFE_INTEGER,
    });
  }

  /**
   * Takes a place under `key`; a refused request takes none.
   *
   * The library's `consume` knows one limit alone, and three are counted here: `penalty` counts in
   * the same atomic step and leaves the verdict to us.
   */
  async hit(key: string, limit: number): Promise<Window> {
    const window = currentMinute();
    const { consumedPoints } = await this.#counter.penalty(`${key}:${window}`);
    return {
      limit,
      remaining: Math.max(0, limit - consumedPoints),
      reset: (window + 1) * MINUTE,
      allowed: consumedPoints <= limit,
    };
  }

  /** Frees a place that was taken by a request which another limit refuses. */
  async giveBack(key: string): Promise<void> {
    await this.#counter.reward(`${key}:${currentMinute()}`);
  }
}

/** Windows are minutes of the clock: what the library knows of their ends differs by the call. */
function currentMinute(): number {
  return Math.floor(Date.now() / 1_000 / MINUTE);
}
