"""Who is limited, by what, and what a refused caller is told."""

import contextlib
import hashlib
import time
from ipaddress import IPv6Address, ip_address, ip_network

from fastapi import Request
from redis.exceptions import RedisError

from .context import Window, current_context
from .errors import TooManyRequests
from .fixed_window import FixedWindow
from .logging import get_logger
from .metrics import RATE_LIMIT_FAILURES, RATE_LIMIT_REJECTIONS

log = get_logger(__name__)

PAUSE_AFTER_ERROR_SECONDS = 1.0


class RateLimiter:
    """The three limits of the service. Fails open: an unlimited service beats a dead one."""

    def __init__(
        self, window: FixedWindow, *, public: int, authenticated: int, login: int, proxy_hops: int
    ) -> None:
        self._window = window
        self._public = public
        self._authenticated = authenticated
        self._login = login
        self._proxy_hops = proxy_hops
        self._ask_again_at = 0.0

    async def hit_address(self, request: Request) -> None:
        await self._hit("public", client_address(request, self._proxy_hops), self._public)

    async def hit_caller(self, caller: str) -> None:
        await self._hit("authenticated", caller, self._authenticated)

    async def hit_login(self, request: Request, email: str) -> None:
        address = client_address(request, self._proxy_hops)
        pair = hashlib.sha256(f"{email.lower()} {address}".encode()).hexdigest()
        try:
            await self._hit("login", pair, self._login)
        except TooManyRequests:
            with contextlib.suppress(RedisError, OSError, TimeoutError):
                await self._window.give_back(f"public:{address}")
            raise

    async def _hit(self, name: str, key: str, limit: int) -> None:
        window = await self._take_place(f"{name}:{key}", limit)
        current_context().tighten(window)
        if not window.allowed:
            RATE_LIMIT_REJECTIONS.labels(name).inc()
            seconds = max(1, window.reset - int(time.time()))
            raise TooManyRequests(headers={"Retry-After": str(seconds)})

    async def _take_place(self, key: str, limit: int) -> Window:
        if time.monotonic() >= self._ask_again_at:
            try:
                return await self._window.hit(key, limit)
            except (RedisError, OSError, TimeoutError) as error:
                # Or else every request would wait for the same time-out.
                self._ask_again_at = time.monotonic() + PAUSE_AFTER_ERROR_SECONDS
                log.warning("rate limit skipped, Redis is away", error=str(error))
        RATE_LIMIT_FAILURES.inc()
        reset = (int(time.time()) // 60 + 1) * 60
        return Window(limit=limit, remaining=limit, reset=reset, allowed=True)


def limit_headers(window: Window) -> dict[str, str]:
    return {
        "X-RateLimit-Limit": str(window.limit),
        "X-RateLimit-Remaining": str(window.remaining),
        "X-RateLimit-Reset": str(window.reset),
    }


def client_address(request: Request, proxy_hops: int) -> str:
    """The address that the outermost trusted proxy saw; what callers add in front is ignored."""
    peer = request.client.host if request.client else "unknown"
    forwarded = ",".join(request.headers.getlist("x-forwarded-for"))
    chain = [part.strip() for part in forwarded.split(",") if part.strip()] + [peer]
    candidate = chain[max(0, len(chain) - 1 - proxy_hops)]
    try:
        address = ip_address(candidate)
    except ValueError:
        return peer
    if isinstance(address, IPv6Address):
        # One subscriber holds a whole /64, so single addresses would be no limit at all.
        return str(ip_network((address, 64), strict=False))
    return str(address)
