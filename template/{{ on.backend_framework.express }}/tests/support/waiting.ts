import { setTimeout as sleep } from "node:timers/promises";

/** The first answer that is there; fails when there is none in time. */
export async function eventually<T>(
  look: () => Promise<T | undefined> | T | undefined,
  withinMs = 15_000,
): Promise<T> {
  const deadline = Date.now() + withinMs;
  for (;;) {
    const found = await look();
    if (found !== undefined && found !== false) return found;
    if (Date.now() > deadline) throw new Error(`not within ${withinMs} ms`);
    await sleep(20);
  }
}

/** Windows are minutes of the clock: what counts up must not meet the end of one. */
export async function minuteWithRoom(): Promise<void> {
  await eventually(() => (Date.now() % 60_000 < 55_000 ? true : undefined));
}
