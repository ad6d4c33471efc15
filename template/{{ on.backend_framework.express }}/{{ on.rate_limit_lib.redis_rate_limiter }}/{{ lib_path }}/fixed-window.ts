// A fixed window of one minute in Redis, counted by rate-limiter-flexible.
import type { Redis } from "ioredis";
import { RateLimiterRedis } from "rate-limiter-flexible";

import type { Window } from "#lib/request-context";

const MINUTE = 60;

export class FixedWindow {
  readonly #counter: RateLimiterRedis;

  constructor(redis: Redis) {
    this.#counter = new RateLimiterRedis({
      storeClient: redis,
      keyPrefix: "limit",
      duration: MINUTE,
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
    const { consumedPoints, msBeforeNext } = await this.#counter.penalty(key);
    return {
      limit,
      remaining: Math.max(0, limit - consumedPoints),
      reset: Math.ceil((Date.now() + msBeforeNext) / 1_000),
      allowed: consumedPoints <= limit,
    };
  }

  /** Frees a place that was taken by a request which another limit refuses. */
  async giveBack(key: string): Promise<void> {
    await this.#counter.reward(key);
  }
}
