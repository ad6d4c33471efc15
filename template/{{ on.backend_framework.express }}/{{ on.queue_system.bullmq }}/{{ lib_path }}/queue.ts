// The queue, as the rest of the service knows it: BullMQ on Redis, which carries job ids only.
import { Queue as BullQueue, Worker } from "bullmq";
import { Redis, type RedisOptions } from "ioredis";

import type { AppContext } from "#app/context";
import type { Settings } from "#app/settings";
import { Unavailable } from "#lib/errors";
import type { Logger } from "#lib/logging";

const KEY_PREFIX = "queue";
const QUEUE_NAME = "jobs";
const RUN_JOB = "run";
const CONCURRENCY = 10;
const TIMEOUT_MS = 800;
const RECONNECT_MS = 500;

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
  readonly #queue: BullQueue<Message>;

  constructor(
    url: string,
    private readonly log: Logger,
  ) {
    // Once more and at once: the connection may be from before a restart of Redis.
    this.#redis = connect(url, { maxRetriesPerRequest: 1, commandTimeout: TIMEOUT_MS });
    this.#queue = new BullQueue(QUEUE_NAME, {
      connection: this.#redis,
      prefix: KEY_PREFIX,
      skipMetasUpdate: true,
      skipWaitingForReady: true,
      // What it asks at the start it asks once: without an answer it would be mute for good.
      skipVersionCheck: true,
      // BullMQ is transport alone: results, retries and schedules are rows of the jobs table.
      defaultJobOptions: { attempts: 1, removeOnComplete: true, removeOnFail: true },
    });
    this.#queue.on("error", ignore);
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
    return inTime(this.#queue.getWaitingCount());
  }

  async enqueue(jobId: string): Promise<void> {
    await inTime(this.#queue.add(RUN_JOB, { jobId }));
  }

  async close(): Promise<void> {
    await this.#queue.close();
    this.#redis.disconnect();
  }
}

export function startConsumer(
  context: AppContext,
  run: (jobId: string) => Promise<void>,
): Consumer {
  const { log, settings } = context;
  // Commands wait for Redis as long as it is away, and go on where they stood.
  const redis = connect(settings.redisUrl, { maxRetriesPerRequest: null });
  const worker = new Worker<Message>(QUEUE_NAME, async ({ data }) => run(data.jobId), {
    connection: redis,
    prefix: KEY_PREFIX,
    concurrency: CONCURRENCY,
  });
  worker.on("error", ignore);
  worker.once("ready", () => {
    log.info("worker ready");
  });
  return {
    async stop() {
      await worker.close();
      redis.disconnect();
    },
  };
}

function connect(url: string, options: RedisOptions): Redis {
  const redis = new Redis(url, {
    connectTimeout: TIMEOUT_MS,
    keepAlive: 5_000,
    retryStrategy: () => RECONNECT_MS,
    ...options,
  });
  return redis.on("error", ignore);
}

/** An outage shows in the calls that fail, and is told of there. */
function ignore(): void {
  return;
}

async function inTime<T>(call: Promise<T>): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => {
      reject(new Error("Redis did not answer in time"));
    }, TIMEOUT_MS);
  });
  try {
    return await Promise.race([call, late]);
  } catch (cause) {
    throw new Unavailable("The queue is unavailable, try again later", { cause });
  } finally {
    clearTimeout(timer);
  }
}
