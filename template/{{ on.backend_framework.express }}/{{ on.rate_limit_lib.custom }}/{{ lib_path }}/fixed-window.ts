// A fixed window of one minute in Redis, counted atomically by one script.
import type { Redis } from "ioredis";

import type { Window } from "#lib/request-context";

// Redis' own clock decides, so that processes with other clocks share the same windows.
const HIT = `
local time = redis.call('TIME')
local reset = (math.floor(tonumber(time[1]) / 60) + 1) * 60
local count = tonumber(redis.call('GET', KEYS[1]) or '0')
if count >= tonumber(ARGV[1]) then
  return {0, 0, reset}
end
count = redis.call('INCR', KEYS[1])
if count == 1 then
  redis.call('EXPIREAT', KEYS[1], reset)
end
return {1, tonumber(ARGV[1]) - count, reset}
`;

const GIVE_BACK = `
if redis.call('EXISTS', KEYS[1]) == 1 then
  redis.call('DECR', KEYS[1])
end
`;

export class FixedWindow {
  constructor(private readonly redis: Redis) {}

  /** Takes a place under `key`; a refused request takes none. */
  async hit(key: string, limit: number): Promise<Window> {
    const answer = await this.redis.eval(HIT, 1, `limit:${key}`, limit);
    const [allowed, remaining, reset] = answer as [number, number, number];
    return { limit, remaining, reset, allowed: allowed === 1 };
  }

  /** Frees a place that was taken by a request which another limit refuses. */
  async giveBack(key: string): Promise<void> {
    await this.redis.eval(GIVE_BACK, 1, `limit:${key}`);
  }
}
