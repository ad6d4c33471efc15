"""A fixed window of one minute in Redis, counted atomically by one script."""

from redis.asyncio import Redis

from .context import Window

# Redis' own clock decides, so that processes with other clocks share the same windows.
HIT = """
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
"""

GIVE_BACK = """
if redis.call('EXISTS', KEYS[1]) == 1 then
  redis.call('DECR', KEYS[1])
end
"""


class FixedWindow:
    def __init__(self, redis: Redis) -> None:
        self._hit = redis.register_script(HIT)
        self._give_back = redis.register_script(GIVE_BACK)

    async def hit(self, key: str, limit: int) -> Window:
        """Take a place under `key`; a refused request takes none."""
        allowed, remaining, reset = await self._hit(keys=[f"limit:{key}"], args=[limit])
        return Window(limit=limit, remaining=remaining, reset=reset, allowed=bool(allowed))

    async def give_back(self, key: str) -> None:
        """Free a place that was taken by a request which another limit refuses."""
        await self._give_back(keys=[f"limit:{key}"])
