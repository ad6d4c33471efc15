// The queue's own promises: quick to say that it is away, and dead letters laid aside.
import { randomUUID } from "node:crypto";
import { setTimeout as sleep } from "node:timers/promises";

import {
  GetQueueAttributesCommand,
  ReceiveMessageCommand,
  SendMessageCommand,
  SQSClient,
} from "@aws-sdk/client-sqs";
import { afterAll, afterEach, describe, expect, it } from "vitest";

import { Unavailable } from "#lib/errors";
import { createQueue, type Consumer, startConsumer } from "#lib/queue";
import { Receiver } from "#tests/support/receiver";
import { eventually } from "#tests/support/waiting";
import { testSettings, useWorld } from "#tests/support/world";

const EMULATOR_WAITS_MS = 1_200;

const world = useWorld();
const { awsRegion, sqsQueueUrl } = testSettings();
const sqs = new SQSClient({ region: awsRegion, endpoint: new URL(sqsQueueUrl).origin });
const consumers: Consumer[] = [];

afterEach(async () => {
  if (consumers.length > 0) await stop();
});
afterAll(() => {
  sqs.destroy();
});

async function stop(): Promise<void> {
  await Promise.all(consumers.splice(0).map(async (consumer) => consumer.stop()));
  // The emulator does not see that they are gone, and waits for a message on their behalf.
  await sleep(EMULATOR_WAITS_MS);
}

/** A worker whose jobs are those of the test. */
function consume(run: (jobId: string) => Promise<void>): void {
  consumers.push(startConsumer(world.context, run));
}

async function send(MessageBody: string): Promise<void> {
  await sqs.send(new SendMessageCommand({ QueueUrl: sqsQueueUrl, MessageBody }));
}

async function deadLetters(): Promise<string[]> {
  const QueueUrl = `${sqsQueueUrl}-dead`;
  const command = new ReceiveMessageCommand({ QueueUrl, MaxNumberOfMessages: 10 });
  const { Messages = [] } = await sqs.send(command);
  return Messages.map(({ Body = "" }) => Body);
}

/** Messages that a worker has received and not deleted. */
async function inFlight(): Promise<number> {
  const command = new GetQueueAttributesCommand({
    QueueUrl: sqsQueueUrl,
    AttributeNames: ["ApproximateNumberOfMessagesNotVisible"],
  });
  const { Attributes } = await sqs.send(command);
  return Number(Attributes?.ApproximateNumberOfMessagesNotVisible);
}

describe("a worker", () => {
  it("runs what is published, and takes it out of the queue", async () => {
    const id = randomUUID();
    const before = await inFlight();
    await world.context.queue.enqueue(id);
    const ran: string[] = [];
    consume(async (jobId) => {
      ran.push(jobId);
      return Promise.resolve();
    });
    await eventually(async () => Promise.resolve(ran.includes(id) || undefined));
    await stop();
    expect(await inFlight()).toBe(before);
  });

  it("gets the message of another that was killed", async () => {
    const id = randomUUID();
    await send(id);
    // It received the message, and nobody will delete it.
    const killed = new ReceiveMessageCommand({
      QueueUrl: sqsQueueUrl,
      VisibilityTimeout: 1,
      WaitTimeSeconds: 1,
    });
    expect((await sqs.send(killed)).Messages?.map(({ Body }) => Body)).toEqual([id]);
    const ran: string[] = [];
    consume(async (jobId) => {
      ran.push(jobId);
      return Promise.resolve();
    });
    await eventually(async () => Promise.resolve(ran.includes(id) || undefined));
  });

  it("leaves a message that can never be run to the dead letters", async () => {
    const poison = `no id ${randomUUID()}`;
    await send(poison);
    const ran: string[] = [];
    consume(async (jobId) => {
      ran.push(jobId);
      return Promise.resolve();
    });
    await eventually(async () => (await deadLetters()).includes(poison) || undefined);
    expect(ran).not.toContain(poison);
  });
});

describe("the queue", () => {
  it("knows how many messages wait", async () => {
    const { queue } = world.context;
    const before = await queue.depth();
    await queue.enqueue(randomUUID());
    expect(await queue.depth()).toBe(before + 1);
    await expect(queue.ping()).resolves.toBeUndefined();
  });

  it("that answers without the number is away", async () => {
    const server = await Receiver.start();
    server.answers({ body: "{}" });
    const settings = { ...world.context.settings, sqsQueueUrl: `${server.url}/1/jobs` };
    const queue = createQueue(settings, world.context.log);
    await expect(queue.ping()).rejects.toThrow(Unavailable);
    await queue.close();
    server.stop();
  });

  it("that is away says so at once", async () => {
    const settings = { ...world.context.settings, sqsQueueUrl: "http://127.0.0.1:1/1/jobs" };
    const away = createQueue(settings, world.context.log);
    for (const ask of [
      async () => away.ping(),
      async () => away.depth(),
      async () => away.enqueue(randomUUID()),
    ]) {
      const asked = performance.now();
      await expect(ask()).rejects.toThrow(Unavailable);
      expect(performance.now() - asked).toBeLessThan(1_500);
    }
    await away.close();
  });
});
