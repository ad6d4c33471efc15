"""The load: a thousand open connections at a fixed rate of arrivals, or a few that never rest."""

import asyncio
import random
import time
from collections import deque
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from urllib.parse import urlsplit

from bench.peers.load import Outcome, Request

# Who has not answered by then after the last arrival does not answer.
PATIENCE_SECONDS = 20
OPENED_AT_ONCE = 50
# The same arrivals in every run.
SEED = 1


@dataclass
class Arrival:
    """A request, and when it was to be sent: waiting for a connection counts as latency."""

    wire: bytes
    outcome: Outcome
    due: float


class Connection(asyncio.Protocol):
    """One connection that stays open, and serves one request at a time."""

    def __init__(self, rested: Callable[["Connection"], None]) -> None:
        """Take what is told of every answer: the connection is free again."""
        self._rested = rested
        self._received = b""
        self._arrival: Arrival | None = None
        self.transport: asyncio.Transport | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Keep the transport."""
        assert isinstance(transport, asyncio.Transport)
        self.transport = transport

    def send(self, arrival: Arrival) -> None:
        """Send a request; its outcome learns what became of it."""
        self._arrival = arrival
        assert self.transport is not None
        if self.transport.is_closing():
            self.connection_lost(None)
        else:
            self.transport.write(arrival.wire)

    def data_received(self, data: bytes) -> None:
        """Read an answer to its end."""
        self._received += data
        head, found, body = self._received.partition(b"\r\n\r\n")
        if not found or len(body) < _length(head):
            return
        self._received = b""
        arrival, self._arrival = self._arrival, None
        if arrival is not None:
            arrival.outcome.latencies.append(time.perf_counter() - arrival.due)
            arrival.outcome.statuses[int(head.split(b" ", 2)[1])] += 1
        self._rested(self)

    def connection_lost(self, _error: Exception | None) -> None:
        """Count a request that will have no answer."""
        if self._arrival is not None:
            self._arrival.outcome.broken += 1
            self._arrival = None


@dataclass
class Steady:
    """What came of a fixed rate of arrivals, by kind of request."""

    rate: float
    connections: int
    outcomes: dict[str, Outcome] = field(default_factory=dict)
    # The generator's own use of one core: it must not be what is measured.
    share: float = 0.0


def closed(request: Request, connections: int, seconds: float) -> Outcome:
    """Each connection sends its next request as soon as it has its answer."""
    outcome = Outcome()
    asyncio.run(_closed(request, connections, seconds, outcome))
    return outcome


async def _closed(request: Request, number: int, seconds: float, outcome: Outcome) -> None:
    wire = request.encoded()
    began = time.perf_counter()
    until = began + seconds
    done = asyncio.Event()
    resting: list[Connection] = []

    def rested(connection: Connection) -> None:
        now = time.perf_counter()
        if now < until:
            connection.send(Arrival(wire, outcome, now))
        else:
            resting.append(connection)
            if len(resting) == number:
                done.set()

    connections = await _open(request.url, number, rested)
    began = time.perf_counter()
    until = began + seconds
    for connection in connections:
        connection.send(Arrival(wire, outcome, time.perf_counter()))
    await _finish(done, seconds + PATIENCE_SECONDS, connections)
    outcome.seconds = time.perf_counter() - began


def steady(
    mix: Mapping[str, Sequence[Request]], *, rate: float, connections: int, seconds: float
) -> Steady:
    """Requests arrive at random moments at a fixed rate, however long the answers take."""
    told = Steady(rate, connections, {kind: Outcome(seconds=seconds) for kind in mix})
    asyncio.run(_steady(mix, told, seconds))
    return told


async def _steady(mix: Mapping[str, Sequence[Request]], told: Steady, seconds: float) -> None:
    free: deque[Connection] = deque()
    waiting: deque[Arrival] = deque()
    done = asyncio.Event()
    left = int(told.rate * seconds)

    def rested(connection: Connection) -> None:
        nonlocal left
        left -= 1
        if left == 0:
            done.set()
        if waiting:
            connection.send(waiting.popleft())
        else:
            free.append(connection)

    chance = random.Random(SEED)  # noqa: S311 -- not a secret
    wires = {kind: [request.encoded() for request in requests] for kind, requests in mix.items()}
    connections = await _open(next(iter(mix.values()))[0].url, told.connections, rested)
    free.extend(connections)
    effort, began = time.process_time(), time.perf_counter()
    due = began
    for _ in range(left):
        due += chance.expovariate(told.rate)
        if (pause := due - time.perf_counter()) > 0:
            await asyncio.sleep(pause)
        kind = chance.choice(list(wires))
        arrival = Arrival(chance.choice(wires[kind]), told.outcomes[kind], due)
        if free:
            free.popleft().send(arrival)
        else:
            waiting.append(arrival)
    await _finish(done, PATIENCE_SECONDS, connections)
    told.share = (time.process_time() - effort) / (time.perf_counter() - began)
    for arrival in waiting:
        arrival.outcome.broken += 1


async def _open(url: str, number: int, rested: Callable[[Connection], None]) -> list[Connection]:
    loop = asyncio.get_running_loop()
    address = urlsplit(url)
    assert address.hostname is not None
    assert address.port is not None
    host, port = address.hostname, address.port
    made: list[Connection] = []
    while len(made) < number:
        several = min(OPENED_AT_ONCE, number - len(made))
        opened = await asyncio.gather(
            *(
                loop.create_connection(lambda: Connection(rested), host, port)
                for _ in range(several)
            )
        )
        made.extend(connection for _, connection in opened)
    return made


async def _finish(done: asyncio.Event, patience: float, connections: list[Connection]) -> None:
    """Wait for the last answer; what is still open then counts as broken."""
    with suppress(TimeoutError):
        await asyncio.wait_for(done.wait(), patience)
    for connection in connections:
        connection.connection_lost(None)
        assert connection.transport is not None
        connection.transport.close()


def _length(head: bytes) -> int:
    _, found, rest = head.lower().partition(b"\r\ncontent-length:")
    return int(rest.split(b"\r\n", 1)[0]) if found else 0
