"""Serves `/metrics` of a process that has no HTTP API."""

import hmac
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import Any

from prometheus_client import CONTENT_TYPE_LATEST, generate_latest

# A scraper that connects and says nothing must not hold its thread for ever.
TIMEOUT_SECONDS = 10
# How often it looks whether it is to stop.
STOP_SECONDS = 0.1


class MetricsServer:
    def __init__(self, host: str, port: int, token: str) -> None:
        self._expected = f"Bearer {token}" if token else None
        server = self

        class Handler(BaseHTTPRequestHandler):
            timeout = TIMEOUT_SECONDS

            def do_GET(self) -> None:
                status, content = server._answer(self.path, self.headers.get("Authorization", ""))
                # Not send_response(): that would name the server and its version.
                self.send_response_only(status)
                self.send_header("Content-Type", CONTENT_TYPE_LATEST)
                self.send_header("Content-Length", str(len(content)))
                self.end_headers()
                self.wfile.write(content)

            def log_message(self, *_: Any) -> None:
                """Scrapes are not worth a line each."""

        self._server = ThreadingHTTPServer((host, port), Handler)
        self._thread = Thread(
            target=self._server.serve_forever, args=[STOP_SECONDS], name="metrics", daemon=True
        )

    @property
    def port(self) -> int:
        return self._server.server_port

    def start(self) -> None:
        self._thread.start()

    def stop(self) -> None:
        self._server.shutdown()
        self._server.server_close()

    def _answer(self, path: str, authorization: str) -> tuple[int, bytes]:
        if path.partition("?")[0] != "/metrics":
            return 404, b""
        if self._expected is not None and not hmac.compare_digest(
            authorization.encode("latin-1", "replace"), self._expected.encode()
        ):
            return 401, b""
        return 200, generate_latest()
