"""A fixed window of one minute in Redis, counted by the `limits` library."""

import math

from limits import RateLimitItemPerMinute
from limits.aio.storage import RedisStorage
from limits.aio.strategies import FixedWindowRateLimiter
from redis.asyncio import Redis

from .context import Window


class FixedWindow:
    def __init__(self, redis: Redis) -> None:
        storage = RedisStorage(
            "async+redis://",
            implementation="redispy",
            # Documented, but left out of the type of the options.
            connection_pool=redis.connection_pool,  # type: ignore[arg-type]
        )
        self._limiter = FixedWindowRateLimiter(storage)

    async def hit(self, key: str, limit: int) -> Window:
        """Take a place under `key`; a refused request takes none."""
        item = RateLimitItemPerMinute(limit)
        allowed = await self._limiter.hit(item, key)
        window = await self._limiter.get_window_stats(item, key)
        return Window(
            limit=limit,
            remaining=window.remaining,
            reset=math.ceil(window.reset_time),
            allowed=allowed,
        )
