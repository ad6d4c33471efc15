// Always as two workers that know of each other through Redis alone.
import { randomUUID } from "node:crypto";
import { setTimeout as sleep } from "node:timers/promises";
import { expect, it } from "vitest";

import { CircuitBreaker, CircuitOpen } from "#lib/circuit-breaker";
import { registry } from "#lib/metrics";
import { useWorld } from "#tests/support/world";

const world = useWorld();
const RESET_MS = 300;
const THRESHOLD = 3;

function workers() {
  const { redis, log } = world.context;
  const name = `test-${randomUUID()}`;
  const options = { threshold: THRESHOLD, resetMs: RESET_MS, probeMs: 400 };
  const [one, other] = [1, 2].map(() => new CircuitBreaker(redis, log, name, options)) as [
    CircuitBreaker,
    CircuitBreaker,
  ];
  const fail = async (times: number) => {
    for (let n = 0; n < times; n += 1) await one.report(await one.enter(), false);
  };
  return { name, one, other, fail };
}

async function shown(name: string): Promise<number | undefined> {
  const metric = await registry.getSingleMetric("circuit_breaker_state")?.get();
  return metric?.values.find(({ labels }) => labels.integration === name)?.value;
}

it("opens for all workers after so many failures in a row", async () => {
  const { name, one, other, fail } = workers();
  await fail(THRESHOLD - 1);
  await other.report(await other.enter(), true);
  await fail(THRESHOLD - 1);
  expect(await shown(name)).toBe(0);
  await fail(1);
  expect(await shown(name)).toBe(2);
  await expect(other.enter()).rejects.toThrow(CircuitOpen);
  await expect(one.enter()).rejects.toMatchObject({ waitMs: expect.any(Number) as number });
});

it("lets one probe through after a while, whoever asks, which closes it", async () => {
  const { name, one, other, fail } = workers();
  await fail(THRESHOLD);
  await sleep(RESET_MS + 20);
  const asked = await Promise.allSettled(
    Array.from({ length: 10 }, async (_, n) => (n % 2 === 0 ? one : other).enter()),
  );
  const probes = asked.filter((answer) => answer.status === "fulfilled");
  expect(probes).toHaveLength(1);
  expect(await shown(name)).toBe(1);
  const [probe] = probes;
  if (probe !== undefined) await other.report(probe.value, true);
  expect(await shown(name)).toBe(0);
  await one.enter();
});

it("opens again when the probe fails, and makes room when it is given back or lost", async () => {
  const { name, one, other, fail } = workers();
  await fail(THRESHOLD);
  await sleep(RESET_MS + 20);
  await one.report(await one.enter(), false);
  expect(await shown(name)).toBe(2);
  await sleep(RESET_MS + 20);
  await one.release(await one.enter());
  await other.enter();
  await expect(one.enter()).rejects.toThrow(CircuitOpen);
  await sleep(450);
  await one.showState();
  await one.report(await one.enter(), true);
  expect(await shown(name)).toBe(0);
});
