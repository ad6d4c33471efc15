"""A small scripted HTTP server on loopback: the base of the receiver and of the upstream."""

import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Self


@dataclass(frozen=True)
class Call:
    """A request that the server got; `at` is monotonic, `wall` is Unix time."""

    method: str
    path: str
    headers: dict[str, str]
    body: bytes
    at: float
    wall: float


@dataclass
class Answer:
    status: int = 200
    body: bytes = b"{}"
    headers: dict[str, str] = field(default_factory=dict)
    hold: threading.Event | None = None
    hold_at_most: float = 10.0
    hang_up: bool = False


Script = Callable[[Call], Answer]


METHODS = ("GET", "POST", "PUT", "PATCH", "DELETE")


class _Quiet(BaseHTTPRequestHandler):
    def log_message(self, *_: object) -> None:
        """The tests tell what went wrong."""


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 128


class ScriptedServer:
    def __init__(self, script: Script, port: int = 0) -> None:
        self._script = script

        def serve(handler: BaseHTTPRequestHandler) -> None:
            self._serve(handler)

        handler = type("Handler", (_Quiet,), {f"do_{method}": serve for method in METHODS})
        self._server = _Server(("127.0.0.1", port), handler)
        self.port: int = self._server.server_address[1]
        self._thread = threading.Thread(target=self._server.serve_forever, daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._server.shutdown()
        self._server.server_close()
        self._thread.join(timeout=5)

    def _serve(self, handler: BaseHTTPRequestHandler) -> None:
        length = int(handler.headers.get("Content-Length") or 0)
        body = handler.rfile.read(length)
        if len(body) < length:
            # The caller died while it sent: no request arrived.
            handler.close_connection = True
            return
        headers = {name.lower(): value for name, value in handler.headers.items()}
        call = Call(
            handler.command, handler.path, headers, body, at=time.monotonic(), wall=time.time()
        )
        answer = self._script(call)
        if answer.hold is not None:
            answer.hold.wait(answer.hold_at_most)
        handler.close_connection = True
        if answer.hang_up:
            return
        try:
            handler.send_response(answer.status)
            for name, value in answer.headers.items():
                handler.send_header(name, value)
            handler.send_header("Content-Length", str(len(answer.body)))
            handler.send_header("Connection", "close")
            handler.end_headers()
            handler.wfile.write(answer.body)
        except OSError:
            # The caller gave up waiting: just what a held answer is for.
            pass
