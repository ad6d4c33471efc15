"""The outside world on loopback: a CRM that jobs ask, and a receiver of webhooks."""

import json
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from queue import Queue
from types import TracebackType
from typing import NamedTuple

HEALTH_SCORE = 82


class Delivery(NamedTuple):
    headers: dict[str, str]
    body: bytes


class Outside:
    def __init__(self) -> None:
        self.deliveries: Queue[Delivery] = Queue()
        deliveries = self.deliveries

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                """The CRM knows every company."""
                self._answer(200, json.dumps({"healthScore": HEALTH_SCORE}).encode())

            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
                headers = {name.lower(): value for name, value in self.headers.items()}
                deliveries.put(Delivery(headers, body))
                self._answer(204)

            def _answer(self, status: int, body: bytes = b"") -> None:
                self.send_response(status)
                self.send_header("Content-Type", "application/json")
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, *_: object) -> None:
                """The demo tells what happens."""

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self._server.server_address[1]}"

    def __enter__(self) -> "Outside":
        threading.Thread(target=self._server.serve_forever, daemon=True).start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._server.shutdown()
        self._server.server_close()
