"""A closed loop of requests: each connection sends the next as soon as it has its answer."""

import asyncio
import json
import time
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlsplit

# Who has not answered by then after the end does not answer.
PATIENCE_SECONDS = 10


@dataclass(frozen=True)
class Request:
    """One request, the same every time."""

    method: str
    url: str
    body: Mapping[str, Any]
    headers: Mapping[str, str] = field(default_factory=dict)

    def encoded(self) -> bytes:
        """The bytes that go over a connection that stays open."""
        address = urlsplit(self.url)
        body = json.dumps(self.body).encode()
        headers = {
            "Host": address.netloc,
            "Content-Type": "application/json",
            "Content-Length": str(len(body)),
            **self.headers,
        }
        lines = [f"{self.method} {address.path} HTTP/1.1"]
        lines += [f"{name}: {value}" for name, value in headers.items()]
        return "\r\n".join([*lines, "", ""]).encode() + body


@dataclass
class Outcome:
    """What came back, and how long each answer took, in seconds."""

    seconds: float = 0.0
    latencies: list[float] = field(default_factory=list)
    statuses: Counter[int] = field(default_factory=Counter)
    broken: int = 0

    @property
    def accepted(self) -> int:
        """How many were answered with a success."""
        return sum(number for status, number in self.statuses.items() if 200 <= status < 300)

    @property
    def failed(self) -> int:
        """How many were not."""
        return self.statuses.total() - self.accepted + self.broken

    def percentile(self, share: float) -> float:
        """The latency that this share of the answers stayed under."""
        ordered = sorted(self.latencies) or [0.0]
        return ordered[min(int(share * len(ordered)), len(ordered) - 1)]


def attack(request: Request, connections: int, seconds: float) -> Outcome:
    """Keep a number of connections busy for a time."""
    outcome = Outcome()

    async def all_connections() -> None:
        until = time.perf_counter() + seconds
        clients = [
            asyncio.create_task(_client(request, until, outcome)) for _ in range(connections)
        ]
        _, waiting = await asyncio.wait(clients, timeout=seconds + PATIENCE_SECONDS)
        outcome.broken += len(waiting)
        for client in waiting:
            client.cancel()

    began = time.perf_counter()
    asyncio.run(all_connections())
    outcome.seconds = time.perf_counter() - began
    return outcome


async def _client(request: Request, until: float, outcome: Outcome) -> None:
    address = urlsplit(request.url)
    wire = request.encoded()
    while time.perf_counter() < until:
        try:
            reader, writer = await asyncio.open_connection(address.hostname, address.port)
            try:
                while (began := time.perf_counter()) < until:
                    writer.write(wire)
                    status = await _status(reader)
                    outcome.latencies.append(time.perf_counter() - began)
                    outcome.statuses[status] += 1
            finally:
                writer.close()
        except (OSError, asyncio.IncompleteReadError):
            outcome.broken += 1
            # Whoever refuses connections is not asked again in the same instant.
            await asyncio.sleep(0.05)


async def _status(reader: asyncio.StreamReader) -> int:
    """Read one answer to its end."""
    head = (await reader.readuntil(b"\r\n\r\n")).lower()
    if b"\r\ntransfer-encoding: chunked" in head:
        while size := int(await reader.readline(), 16):
            await reader.readexactly(size + 2)
        await reader.readline()
    else:
        _, found, rest = head.partition(b"\r\ncontent-length:")
        await reader.readexactly(int(rest.split(b"\r\n", 1)[0]) if found else 0)
    return int(head.split(b" ", 2)[1])
