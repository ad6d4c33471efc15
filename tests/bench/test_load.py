import socket
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from bench.peers.load import Outcome, Request, attack


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        self.send_response(201 if self.headers["Authorization"] == "Bearer known" else 401)
        if self.path == "/chunked":
            self.send_header("Transfer-Encoding", "chunked")
            self.end_headers()
            self.wfile.write(b"%x\r\n%b\r\n0\r\n\r\n" % (len(body), body))
        else:
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        """Say nothing."""


@pytest.fixture(scope="module")
def url() -> Iterator[str]:
    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    server.server_close()


@pytest.mark.parametrize("path", ["/measured", "/chunked"])
def test_every_answer_counts_once(url: str, path: str) -> None:
    request = Request("POST", url + path, {"a": 1}, {"Authorization": "Bearer known"})
    outcome = attack(request, connections=2, seconds=0.3)
    assert outcome.accepted == len(outcome.latencies) > 2
    assert outcome.failed == 0
    assert outcome.percentile(0.5) <= outcome.percentile(0.99)


def test_a_refusal_is_no_success(url: str) -> None:
    outcome = attack(Request("POST", f"{url}/measured", {}), connections=1, seconds=0.1)
    assert outcome.accepted == 0
    assert outcome.failed == outcome.statuses[401] > 0


def test_a_server_that_is_away_is_counted_as_broken() -> None:
    with socket.socket() as unheard:
        unheard.bind(("127.0.0.1", 0))
        request = Request("POST", f"http://127.0.0.1:{unheard.getsockname()[1]}/", {})
        outcome = attack(request, connections=1, seconds=0.2)
    assert outcome.broken > 0
    assert outcome.accepted == 0


def test_no_answer_has_no_latency() -> None:
    assert Outcome().percentile(0.99) == 0
