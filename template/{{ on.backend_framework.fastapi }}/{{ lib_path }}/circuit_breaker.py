"""A circuit breaker that all workers share: each step is one atomic script in Redis."""

from dataclasses import dataclass
from secrets import token_hex
from typing import Final

from redis.asyncio import Redis
from redis.exceptions import RedisError

from .logging import get_logger
from .metrics import CIRCUIT_STATE

log = get_logger(__name__)

CLOSED: Final = 0
HALF_OPEN: Final = 1
OPEN: Final = 2

# How soon a refused call may ask again while another one's probe is on its way.
PROBE_POLL_MS: Final = 500

CLOCK = """
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
local open_until = tonumber(redis.call('HGET', KEYS[1], 'open_until'))
"""
# -> {state, milliseconds to wait}; no wait means that the call may be made.
ENTER = f"""{CLOCK}
if not open_until then return {{{CLOSED}, 0}} end
if now < open_until then return {{{OPEN}, open_until - now}} end
if now < tonumber(redis.call('HGET', KEYS[1], 'probe_until') or '0') then
    return {{{HALF_OPEN}, {PROBE_POLL_MS}}}
end
redis.call('HSET', KEYS[1], 'probe', ARGV[1], 'probe_until', now + ARGV[2])
return {{{HALF_OPEN}, 0}}
"""
# -> state. The late result of a call from before the circuit opened changes nothing.
REPORT = f"""{CLOCK}
local succeeded, threshold, reset = ARGV[2] == '1', tonumber(ARGV[3]), tonumber(ARGV[4])
if open_until and redis.call('HGET', KEYS[1], 'probe') ~= ARGV[1] then return {OPEN} end
if succeeded then
    redis.call('DEL', KEYS[1])
    return {CLOSED}
end
if not open_until and redis.call('HINCRBY', KEYS[1], 'failures', 1) < threshold then
    return {CLOSED}
end
redis.call('DEL', KEYS[1])
redis.call('HSET', KEYS[1], 'open_until', now + reset)
return {OPEN}
"""
RELEASE = """
if redis.call('HGET', KEYS[1], 'probe') == ARGV[1] then
    redis.call('HDEL', KEYS[1], 'probe', 'probe_until')
end
"""
LOOK = f"""{CLOCK}
if not open_until then return {CLOSED} end
if now < open_until then return {OPEN} end
return {HALF_OPEN}
"""


class CircuitOpen(Exception):
    def __init__(self, name: str, wait_seconds: float) -> None:
        super().__init__(f"The circuit of {name} is open")
        self.wait_seconds = wait_seconds


@dataclass(slots=True, frozen=True)
class Permit:
    """Leave to make one call, whose outcome is to be reported."""

    token: str


class CircuitBreaker:
    """Opens after `threshold` failures in a row; after `reset_ms` one probe decides.

    With Redis away it lets calls through: it protects the upstream from a flood, and an outage of
    ours is no reason to stop all integrations.
    """

    def __init__(
        self, redis: Redis, name: str, *, threshold: int, reset_ms: int, probe_ms: int
    ) -> None:
        self._name = name
        self._threshold = threshold
        self._reset_ms = reset_ms
        self._probe_ms = probe_ms
        self._keys = [f"circuit:{name}"]
        self._enter = redis.register_script(ENTER)
        self._report = redis.register_script(REPORT)
        self._release = redis.register_script(RELEASE)
        self._look = redis.register_script(LOOK)
        self._gauge = CIRCUIT_STATE.labels(name)

    async def enter(self) -> Permit:
        """Raise CircuitOpen unless a call may be made now."""
        permit = Permit(token_hex(8))
        try:
            state, wait_ms = await self._enter(self._keys, [permit.token, self._probe_ms])
        except (RedisError, OSError) as error:
            log.warning("circuit breaker without Redis", integration=self._name, error=str(error))
            return permit
        self._gauge.set(state)
        if wait_ms:
            raise CircuitOpen(self._name, wait_ms / 1000)
        return permit

    async def report(self, permit: Permit, *, succeeded: bool) -> None:
        outcome = int(succeeded)
        try:
            state = await self._report(
                self._keys, [permit.token, outcome, self._threshold, self._reset_ms]
            )
        except (RedisError, OSError) as error:
            log.warning("circuit breaker without Redis", integration=self._name, error=str(error))
            return
        if state == OPEN and not succeeded:
            log.warning("circuit open", integration=self._name)
        self._gauge.set(state)

    async def release(self, permit: Permit) -> None:
        """Give back the leave to make a call that was broken off: another one may probe now."""
        try:
            await self._release(self._keys, [permit.token])
        except (RedisError, OSError) as error:
            log.warning("circuit breaker without Redis", integration=self._name, error=str(error))

    async def show_state(self) -> None:
        """Bring the gauge up to date with what other workers and the clock have done."""
        self._gauge.set(await self._look(self._keys))
