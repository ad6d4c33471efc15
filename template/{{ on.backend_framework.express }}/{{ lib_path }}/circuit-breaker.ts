// A circuit breaker that all workers share: each step is one atomic script in Redis.
import { randomUUID } from "node:crypto";

import type { Redis } from "ioredis";

import type { Logger } from "#lib/logging";
import { circuitState } from "#lib/metrics";

const CLOSED = 0;
const HALF_OPEN = 1;
const OPEN = 2;

// How soon a refused call may ask again while another one's probe is on its way.
const PROBE_POLL_MS = 500;

const CLOCK = `
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
local open_until = tonumber(redis.call('HGET', KEYS[1], 'open_until'))
`;
// -> {state, milliseconds to wait}; no wait means that the call may be made.
const ENTER = `${CLOCK}
if not open_until then return {${CLOSED}, 0} end
if now < open_until then return {${OPEN}, open_until - now} end
if now < tonumber(redis.call('HGET', KEYS[1], 'probe_until') or '0') then
  return {${HALF_OPEN}, ${PROBE_POLL_MS}}
end
redis.call('HSET', KEYS[1], 'probe', ARGV[1], 'probe_until', now + ARGV[2])
return {${HALF_OPEN}, 0}
`;
// -> state. The late result of a call from before the circuit opened changes nothing.
const REPORT = `${CLOCK}
local succeeded, threshold, reset = ARGV[2] == '1', tonumber(ARGV[3]), tonumber(ARGV[4])
if open_until and redis.call('HGET', KEYS[1], 'probe') ~= ARGV[1] then return ${OPEN} end
if succeeded then
  redis.call('DEL', KEYS[1])
  return ${CLOSED}
end
if not open_until and redis.call('HINCRBY', KEYS[1], 'failures', 1) < threshold then
  return ${CLOSED}
end
redis.call('DEL', KEYS[1])
redis.call('HSET', KEYS[1], 'open_until', now + reset)
return ${OPEN}
`;
const RELEASE = `
if redis.call('HGET', KEYS[1], 'probe') == ARGV[1] then
  redis.call('HDEL', KEYS[1], 'probe', 'probe_until')
end
`;
const LOOK = `${CLOCK}
if not open_until then return ${CLOSED} end
if now < open_until then return ${OPEN} end
return ${HALF_OPEN}
`;

export class CircuitOpen extends Error {
  constructor(
    name: string,
    readonly waitMs: number,
  ) {
    super(`The circuit of ${name} is open`);
    this.name = "CircuitOpen";
  }
}

/** Leave to make one call, whose outcome is to be reported. */
export interface Permit {
  readonly token: string;
}

export interface CircuitOptions {
  threshold: number;
  resetMs: number;
  probeMs: number;
}

/**
 * Opens after `threshold` failures in a row; after `resetMs` one probe decides.
 *
 * With Redis away it lets calls through: it protects the upstream from a flood, and an outage of
 * ours is no reason to stop all integrations.
 */
export class CircuitBreaker {
  readonly #key: string;

  constructor(
    private readonly redis: Redis,
    private readonly log: Logger,
    private readonly name: string,
    private readonly options: CircuitOptions,
  ) {
    this.#key = `circuit:${name}`;
  }

  /** Throws CircuitOpen unless a call may be made now. */
  async enter(): Promise<Permit> {
    const permit = { token: randomUUID() };
    const answer = await this.#tryRun(ENTER, permit.token, this.options.probeMs);
    if (answer === undefined) return permit;
    const [state, waitMs] = answer as [number, number];
    this.#show(state);
    if (waitMs > 0) throw new CircuitOpen(this.name, waitMs);
    return permit;
  }

  async report(permit: Permit, succeeded: boolean): Promise<void> {
    const { threshold, resetMs } = this.options;
    const outcome = succeeded ? 1 : 0;
    const state = await this.#tryRun(REPORT, permit.token, outcome, threshold, resetMs);
    if (state === undefined) return;
    if (state === OPEN && !succeeded) this.log.warn("circuit open", { integration: this.name });
    this.#show(state as number);
  }

  /** Gives back the leave to make a call that was broken off: another one may probe now. */
  async release(permit: Permit): Promise<void> {
    await this.#tryRun(RELEASE, permit.token);
  }

  /** Brings the gauge up to date with what other workers and the clock have done. */
  async showState(): Promise<void> {
    this.#show((await this.#run(LOOK)) as number);
  }

  #show(state: number): void {
    circuitState.set({ integration: this.name }, state);
  }

  async #run(script: string, ...values: (string | number)[]): Promise<unknown> {
    return this.redis.eval(script, 1, this.#key, ...values);
  }

  /** Answers undefined when Redis is away. */
  async #tryRun(script: string, ...values: (string | number)[]): Promise<unknown> {
    try {
      return await this.#run(script, ...values);
    } catch (error) {
      this.log.warn("circuit breaker without Redis", { integration: this.name, error });
      return undefined;
    }
  }
}
