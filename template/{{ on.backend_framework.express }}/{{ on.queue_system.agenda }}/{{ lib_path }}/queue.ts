// The queue, as the rest of the service knows it: Agenda on Redis, which carries job ids only.
import { RedisBackend } from "@agendajs/redis-backend";
import { Agenda } from "agenda";
import { Redis } from "ioredis";

import type { AppContext } from "#app/context";
import type { Settings } from "#app/settings";
import { Unavailable } from "#lib/errors";
import type { Logger } from "#lib/logging";

const KEY_PREFIX = "queue:";
const CHANNEL = "queue:notifications";
const RUN_JOB = "run";
const CONCURRENCY = 10;
const TIMEOUT_MS = 800;
const RECONNECT_MS = 500;
// Told of new messages at once; this is for those whose worker died, or whose news was lost.
const POLL_MS = 1_000;
// A message taken twice is dropped by the second claim, so this can be short.
const LOCK_MS = 60_000;

interface Message {
  jobId: string;
}

/** Publishes job ids. A lost or repeated one does no harm: the jobs table is the truth. */
export interface Queue {
  /** Throws Unavailable, quickly, when nothing can be queued now. */
  ping(): Promise<void>;
  /** How many messages wait for a worker. */
  depth(): Promise<number>;
  /** Hands the job to whichever worker is free. */
  enqueue(jobId: string): Promise<void>;
  close(): Promise<void>;
}

export interface Consumer {
  /** Takes nothing more, and waits for what is running. */
  stop(): Promise<void>;
}

export function createQueue(settings: Settings, log: Logger): Queue {
  return new RedisQueue(settings.redisUrl, log);
}

class RedisQueue implements Queue {
  readonly #redis: Redis;
  #agenda: Agenda | undefined;

  constructor(
    url: string,
    private readonly log: Logger,
  ) {
    this.#redis = connect(url);
  }

  async ping(): Promise<void> {
    try {
      await this.depth();
    } catch (error) {
      this.log.warn("queue away", { error });
      throw error;
    }
  }

  async depth(): Promise<number> {
    return this.#inTime(() => this.#connected().db.getQueueSize());
  }

  async enqueue(jobId: string): Promise<void> {
    await this.#inTime(() => this.#connected().now<Message>(RUN_JOB, { jobId }));
  }

  async close(): Promise<void> {
    this.#redis.disconnect();
    return Promise.resolve();
  }

  /** Agenda asks Redis at its start, and takes no failure: it starts with the first message. */
  #connected(): Agenda {
    return (this.#agenda ??= createAgenda(this.#redis));
  }

  async #inTime<T>(call: () => Promise<T>): Promise<T> {
    let timer: NodeJS.Timeout | undefined;
    const late = new Promise<never>((_, reject) => {
      timer = setTimeout(() => {
        reject(new Error("Redis did not answer in time"));
      }, TIMEOUT_MS);
    });
    try {
      // What is asked for while Redis is away would be done once it is back.
      if (this.#redis.status !== "ready") await Promise.race([this.#redis.ping(), late]);
      return await Promise.race([call(), late]);
    } catch (cause) {
      throw new Unavailable("The queue is unavailable, try again later", { cause });
    } finally {
      clearTimeout(timer);
    }
  }
}

export function startConsumer(
  context: AppContext,
  run: (jobId: string) => Promise<void>,
): Consumer {
  const { log, settings } = context;
  const redis = connect(settings.redisUrl);
  const agenda = createAgenda(redis);
  agenda.define<Message>(RUN_JOB, async ({ attrs }) => run(attrs.data.jobId), {
    concurrency: CONCURRENCY,
    lockLimit: CONCURRENCY,
    lockLifetime: LOCK_MS,
  });
  agenda.on("error", (error) => {
    log.debug("queue not read", { error });
  });
  const started = agenda.start().then(() => {
    log.info("worker ready");
  });
  return {
    async stop() {
      // Without Redis it never came so far as to have something to finish.
      if (redis.status === "ready") {
        await started;
        await agenda.drain();
      }
      redis.disconnect();
    },
  };
}

function createAgenda(redis: Redis): Agenda {
  const backend = new RedisBackend({ redis, keyPrefix: KEY_PREFIX, channelName: CHANNEL });
  backend.notificationChannel.on("error", ignore);
  // Agenda is transport alone: results, retries and schedules are rows of the jobs table.
  return new Agenda({
    backend,
    processEvery: POLL_MS,
    defaultConcurrency: CONCURRENCY,
    removeOnComplete: true,
  });
}

/** Commands wait for Redis as long as it is away: Agenda takes no failure at its start. */
function connect(url: string): Redis {
  const redis = new Redis(url, {
    connectTimeout: TIMEOUT_MS,
    keepAlive: 5_000,
    maxRetriesPerRequest: null,
    retryStrategy: () => RECONNECT_MS,
  });
  return redis.on("error", ignore);
}

/** An outage shows in the calls that fail, and is told of there. */
function ignore(): void {
  return;
}
