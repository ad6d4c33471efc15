"""A fixed window of one minute in Redis, counted by the storage of the `limits` library."""

import time

from limits.aio.storage import RedisStorage
from redis.asyncio import Redis

from .context import Window

MINUTE = 60


class FixedWindow:
    def __init__(self, redis: Redis) -> None:
        self._storage = RedisStorage(
            "async+redis://",
            implementation="redispy",
            # Documented, but left out of the type of the options.
            connection_pool=redis.connection_pool,  # type: ignore[arg-type]
        )

    async def hit(self, key: str, limit: int) -> Window:
        """Take a place under `key`; a refused request takes none.

        The library's own strategy asks twice, once to count and once for what is left: in between
        others count, too. One step of its storage, in a window of the clock, is exact.
        """
        minute = int(time.time()) // MINUTE
        count = await self._storage.incr(f"{key}:{minute}", MINUTE)
        return Window(
            limit=limit,
            remaining=max(0, limit - count),
            reset=(minute + 1) * MINUTE,
            allowed=count <= limit,
        )

    async def give_back(self, key: str) -> None:
        """Free a place that was taken by a request which another limit refuses."""
        minute = int(time.time()) // MINUTE
        await self._storage.incr(f"{key}:{minute}", MINUTE, amount=-1)
