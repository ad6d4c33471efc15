// A fixed window of one minute in Redis, counted by express-rate-limit and its store for Redis.
import type { Request, Response } from "express";
import { rateLimit, type RateLimitInfo, type RateLimitRequestHandler } from "express-rate-limit";
import type { Redis } from "ioredis";
import { type RedisReply, RedisStore } from "rate-limit-redis";

import type { Window } from "#lib/request-context";

const MINUTE_MS = 60_000;

/**
 * What the middleware looks at in a request. Which limit counts is known once the credentials are,
 * and a request may meet several: so it is asked for places, one at a time.
 */
interface Place {
  key: string;
  limit: number;
  rateLimit?: RateLimitInfo;
}

// Headers are set elsewhere, so that no response is looked at.
const NOBODY = undefined as unknown as Response;

interface Counter {
  count: RateLimitRequestHandler;
  store: RedisStore;
}

export class FixedWindow {
  #counter: Counter | undefined;

  constructor(private readonly redis: Redis) {}

  /** Takes a place under `key`; a refused request takes none. */
  async hit(key: string, limit: number): Promise<Window> {
    const window = currentMinute();
    const place: Place = { key: `${key}:${window}`, limit };
    const { count } = this.#connected();
    try {
      await new Promise<void>((resolve, reject) => {
        void count(place as unknown as Request, NOBODY, (error?: unknown) => {
          if (error === undefined) resolve();
          else reject(error instanceof Error ? error : new Error("Not counted", { cause: error }));
        });
      });
    } catch (error) {
      // A store whose first words found no Redis stays mute: the next request makes a new one.
      this.#counter = undefined;
      throw error;
    }
    const { used } = place.rateLimit as RateLimitInfo;
    return {
      limit,
      remaining: Math.max(0, limit - used),
      reset: ((window + 1) * MINUTE_MS) / 1_000,
      allowed: used <= limit,
    };
  }

  /** Frees a place that was taken by a request which another limit refuses. */
  async giveBack(key: string): Promise<void> {
    const { store } = this.#connected();
    const place = `${key}:${currentMinute()}`;
    // What is not there would be counted from minus one, and kept for ever.
    if ((await store.get(place)) !== undefined) await store.decrement(place);
  }

  #connected(): Counter {
    return (this.#counter ??= createCounter(this.redis));
  }
}

function createCounter(redis: Redis): Counter {
  const store = new RedisStore({
    prefix: "limit:",
    sendCommand: async (command: string, ...values: string[]) =>
      redis.call(command, ...values) as Promise<RedisReply>,
  });
  const count = rateLimit({
    store,
    // A window's key outlives it, so that a place that is given back finds it.
    windowMs: 2 * MINUTE_MS,
    keyGenerator: (request) => (request as unknown as Place).key,
    limit: (request) => (request as unknown as Place).limit,
    // The limiter of the service says what becomes of a refused request, and sets the headers.
    handler: (_request, _response, next) => {
      next();
    },
    legacyHeaders: false,
    standardHeaders: false,
    validate: false,
    logger: { error: ignore, warn: ignore },
  });
  return { count, store };
}

/** Windows are minutes of the clock: what the library knows of their ends differs by the call. */
function currentMinute(): number {
  return Math.floor(Date.now() / MINUTE_MS);
}

/** What fails is thrown besides, and logged by whom it concerns. */
function ignore(): void {
  return;
}
