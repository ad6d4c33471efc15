"""A scripted HTTP server on loopback, which plays upstreams and webhook receivers."""

import asyncio
import time
from dataclasses import dataclass, field

# Long, because a busy machine takes its time to start a process.
PATIENCE_SECONDS = 60


@dataclass(frozen=True)
class Call:
    method: str
    path: str
    headers: dict[str, str]
    body: bytes
    at: float


@dataclass
class Answer:
    status: int = 200
    body: bytes = b"{}"
    headers: dict[str, str] = field(default_factory=dict)
    hold: asyncio.Event | None = None
    hang_up: bool = False


class Receiver:
    """Gives the answers in turn; the last one stays."""

    def __init__(self) -> None:
        self.calls: list[Call] = []
        self._script = [Answer()]
        self._called = asyncio.Condition()
        self._serving: set[asyncio.Task[None]] = set()

    def answers(self, *script: Answer) -> None:
        self._script = list(script)
        self.calls.clear()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self._server.sockets[0].getsockname()[1]}"

    async def start(self) -> None:
        self._server = await asyncio.start_server(self._serve, "127.0.0.1")

    async def stop(self) -> None:
        self._server.close()
        for task in self._serving:
            task.cancel()
        await asyncio.gather(*self._serving, return_exceptions=True)
        await self._server.wait_closed()

    async def wait_for_calls(self, number: int) -> list[Call]:
        async with asyncio.timeout(PATIENCE_SECONDS), self._called:
            await self._called.wait_for(lambda: len(self.calls) >= number)
        return self.calls

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        self._serving.add(task)
        task.add_done_callback(self._serving.discard)
        try:
            head, *lines = (await reader.readuntil(b"\r\n\r\n")).decode().split("\r\n")
            headers = {}
            for line in filter(None, lines):
                name, _, value = line.partition(":")
                headers[name.lower()] = value.strip()
            body = await reader.readexactly(int(headers.get("content-length", 0)))
            method, path, _ = head.split(" ")
            answer = self._script.pop(0) if len(self._script) > 1 else self._script[0]
            self.calls.append(Call(method, path, headers, body, time.monotonic()))
            async with self._called:
                self._called.notify_all()
            if answer.hold is not None:
                await answer.hold.wait()
            if not answer.hang_up:
                fields = {**answer.headers, "Content-Length": len(answer.body)}
                shown = "".join(f"{name}: {value}\r\n" for name, value in fields.items())
                status = f"HTTP/1.1 {answer.status} Said\r\nConnection: close\r\n"
                writer.write(f"{status}{shown}\r\n".encode() + answer.body)
                await writer.drain()
        except (ConnectionError, asyncio.IncompleteReadError, asyncio.CancelledError):
            """The caller has left, or the test is over."""
        finally:
            writer.close()
