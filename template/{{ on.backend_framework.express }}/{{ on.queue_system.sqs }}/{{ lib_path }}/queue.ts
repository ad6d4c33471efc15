// The queue, as the rest of the service knows it: Amazon SQS, which carries job ids only.
import { once } from "node:events";
import { setTimeout as sleep } from "node:timers/promises";

import {
  GetQueueAttributesCommand,
  SendMessageCommand,
  SQSClient,
  type Message,
} from "@aws-sdk/client-sqs";
import { Consumer as Poller } from "sqs-consumer";

import type { AppContext } from "#app/context";
import type { Settings } from "#app/settings";
import { Unavailable } from "#lib/errors";
import type { Logger } from "#lib/logging";
import { isUuid } from "#lib/schema";

const CONCURRENCY = 10;
const TIMEOUT_MS = 800;
const LONG_POLL_SECONDS = 10;
// A message taken twice is dropped by the second claim, so this can be short: it is prolonged for
// as long as the job runs, and that of a killed worker comes back.
const VISIBILITY_SECONDS = 60;
const HEARTBEAT_SECONDS = 20;
const RECONNECT_MS = 500;

/** Publishes job ids. A lost or repeated one does no harm: the jobs table is the truth. */
export interface Queue {
  /** Throws Unavailable, quickly, when nothing can be queued now. */
  ping(): Promise<void>;
  /** How many messages wait for a worker, as far as SQS knows. */
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
  return new SqsQueue(settings, log);
}

class SqsQueue implements Queue {
  readonly #sqs: SQSClient;
  readonly #url: string;

  constructor(
    settings: Settings,
    private readonly log: Logger,
  ) {
    this.#sqs = connect(settings, TIMEOUT_MS);
    this.#url = settings.sqsQueueUrl;
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
    const command = new GetQueueAttributesCommand({
      QueueUrl: this.#url,
      AttributeNames: ["ApproximateNumberOfMessages"],
    });
    return inTime(async (abortSignal) => {
      const { Attributes } = await this.#sqs.send(command, { abortSignal });
      // Whatever stands in for SQS, or before it, may answer without them while it starts.
      if (Attributes === undefined) throw new TypeError("SQS told nothing of the queue");
      return Number(Attributes.ApproximateNumberOfMessages);
    });
  }

  async enqueue(jobId: string): Promise<void> {
    const command = new SendMessageCommand({ QueueUrl: this.#url, MessageBody: jobId });
    await inTime((abortSignal) => this.#sqs.send(command, { abortSignal }));
  }

  async close(): Promise<void> {
    this.#sqs.destroy();
    return Promise.resolve();
  }
}

export function startConsumer(
  context: AppContext,
  run: (jobId: string) => Promise<void>,
): Consumer {
  const { log, settings } = context;
  const sqs = connect(settings, (LONG_POLL_SECONDS + 1) * 1_000);
  const busy = new Set<Poller>();
  // Each takes one message at a time: a batch would wait for its slowest job.
  const pollers = Array.from({ length: CONCURRENCY }, () => {
    let restMs = 0;
    const poller = Poller.create({
      queueUrl: settings.sqsQueueUrl,
      sqs,
      batchSize: 1,
      visibilityTimeout: VISIBILITY_SECONDS,
      heartbeatInterval: HEARTBEAT_SECONDS,
      waitTimeSeconds: LONG_POLL_SECONDS,
      authenticationErrorTimeout: 0,
      preReceiveMessageCallback: async () => {
        await sleep(restMs);
        restMs = 0;
      },
      // The redrive policy takes away what has been received too often. What is no job's id goes
      // the way at once; what failed for another reason has time until that has passed.
      terminateVisibilityTimeout: ([message]) => (isJob(message) ? VISIBILITY_SECONDS : 0),
      handleMessage: async (message) => {
        if (!isJob(message)) throw new TypeError("The message names no job");
        await run(message.Body);
        return message;
      },
    });
    poller.on("message_received", () => busy.add(poller));
    poller.on("response_processed", () => busy.delete(poller));
    poller.on("processing_error", (error) => {
      log.error("message not handled", { error });
    });
    // An outage shows in the sweeper, which tells of it when it begins and when it ends.
    poller.on("error", ({ message }) => {
      restMs = RECONNECT_MS;
      log.debug("queue not read", { reason: message });
    });
    poller.start();
    return poller;
  });
  log.info("worker ready");
  return {
    async stop() {
      const stopped = pollers.map(async (poller) => {
        const ended = busy.has(poller) ? once(poller, "response_processed") : undefined;
        // What is running still has to take its message out of the queue.
        poller.stop({ abort: ended === undefined });
        await ended;
      });
      await Promise.all(stopped);
      sqs.destroy();
    },
  };
}

function isJob(message?: Message): message is Message & { Body: string } {
  return isUuid(message?.Body ?? "");
}

/** The SDK finds credentials itself: in the environment, a profile, or the role of the machine. */
function connect({ awsRegion, sqsQueueUrl }: Settings, timeoutMs: number): SQSClient {
  return new SQSClient({
    region: awsRegion,
    endpoint: new URL(sqsQueueUrl).origin,
    // Once more and at once: the connection may be from before a restart.
    maxAttempts: 2,
    requestHandler: { connectionTimeout: TIMEOUT_MS, socketTimeout: timeoutMs },
  });
}

async function inTime<T>(call: (signal: AbortSignal) => Promise<T>): Promise<T> {
  try {
    return await call(AbortSignal.timeout(TIMEOUT_MS));
  } catch (cause) {
    throw new Unavailable("The queue is unavailable, try again later", { cause });
  }
}
