"""Uvicorn's HTTP protocol would wait for a request's head for ever, and keep whatever comes of it.

What follows the head has its limits in the application.
"""

import asyncio
from typing import Any, ClassVar

from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

# Bytes that neither end a head nor are a body: a head so far, trailers, extensions of chunks.
MAX_UNFINISHED_BYTES = 64 * 1024


class LimitedProtocol(HttpToolsProtocol):
    head_seconds: ClassVar[float]

    def __init__(self, *arguments: Any, **named: Any) -> None:
        super().__init__(*arguments, **named)
        self._unfinished = 0
        self._serving = False
        self._deadline: asyncio.TimerHandle | None = None

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        super().connection_made(transport)
        self._await_head()

    def connection_lost(self, exc: Exception | None) -> None:
        self._forget_deadline()
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        self._unfinished += len(data)
        super().data_received(data)
        if self._unfinished > MAX_UNFINISHED_BYTES and not self.transport.is_closing():
            self.send_400_response("The head of the request is too large.")
        elif not self._serving:
            self._await_head()

    def on_headers_complete(self) -> None:
        self._unfinished = 0
        self._serving = True
        self._forget_deadline()
        super().on_headers_complete()

    def on_body(self, body: bytes) -> None:
        self._unfinished = 0
        super().on_body(body)

    def on_response_complete(self) -> None:
        self._serving = bool(self.pipeline)
        super().on_response_complete()

    def _await_head(self) -> None:
        """From the first byte on; Uvicorn has its own patience for connections at rest."""
        if self._deadline is None:
            self._deadline = self.loop.call_later(self.head_seconds, self.transport.close)

    def _forget_deadline(self) -> None:
        if self._deadline is not None:
            self._deadline.cancel()
            self._deadline = None


def protocol(head_seconds: float) -> type[LimitedProtocol]:
    """A class of its own: Uvicorn makes the instances, one a connection."""
    return type("Protocol", (LimitedProtocol,), {"head_seconds": head_seconds})
