// What the whole service shares: made once at start, closed at the end.
import { Redis } from "ioredis";

import { createTokens, type Tokens } from "#app/auth/tokens";
import type { Settings } from "#app/settings";
import { Database } from "#lib/database";
import { FixedWindow } from "#lib/fixed-window";
import { createLogger, type Logger } from "#lib/logging";
import { createQueue, type Queue } from "#lib/queue";
import { RateLimiter } from "#lib/rate-limit";

export interface AppContext {
  readonly settings: Settings;
  readonly log: Logger;
  readonly database: Database;
  readonly redis: Redis;
  readonly limiter: RateLimiter;
  readonly queue: Queue;
  readonly tokens: Tokens;
  /** Set by SIGTERM: load balancers are told before connections are closed. */
  draining: boolean;
}

const POOL_SIZE = 20;
// Well above what a busy event loop adds: a time-out lets requests pass uncounted.
const REDIS_TIMEOUT_MS = 2_000;
const REDIS_RECONNECT_MS = 500;

/** Tests replace parts. */
export function createContext(settings: Settings, overrides: Partial<AppContext> = {}): AppContext {
  const log = overrides.log ?? createLogger(settings.logLevel);
  const redis = overrides.redis ?? connect(settings.redisUrl, log);
  return {
    settings,
    log,
    database:
      overrides.database ??
      new Database(settings.databaseUrl, {
        timeoutMs: settings.dbTimeoutMs,
        poolSize: POOL_SIZE,
        log,
      }),
    redis,
    limiter:
      overrides.limiter ??
      new RateLimiter(new FixedWindow(redis), log, {
        public: settings.rateLimitPublicPerMinute,
        authenticated: settings.rateLimitAuthenticatedPerMinute,
        login: settings.rateLimitLoginPerMinute,
        proxyHops: settings.trustedProxyHops,
      }),
    queue: overrides.queue ?? createQueue(settings, log),
    tokens: overrides.tokens ?? createTokens(settings),
    draining: false,
  };
}

export async function closeContext(context: AppContext): Promise<void> {
  await context.queue.close();
  await context.database.close();
  context.redis.disconnect();
}

function connect(url: string, log: Logger): Redis {
  const redis = new Redis(url, {
    connectTimeout: REDIS_TIMEOUT_MS,
    commandTimeout: REDIS_TIMEOUT_MS,
    // Once more and at once: the connection may be from before a restart of Redis.
    maxRetriesPerRequest: 1,
    retryStrategy: () => REDIS_RECONNECT_MS,
  });
  // Each call that fails tells of itself; without a listener the library writes to stderr.
  redis.on("error", (error: Error) => {
    log.debug("Redis connection failed", { error });
  });
  return redis;
}
