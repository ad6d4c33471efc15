import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from bench.peers.load import Request
from bench.service import report
from bench.service.__main__ import buckets
from bench.service.frameworks import FIRST, FRAMEWORKS
from bench.service.profiling import shares
from bench.service.wire import closed, steady


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        self.send_response(201 if self.path == "/taken" else 400)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        """Say nothing."""


class Server(ThreadingHTTPServer):
    request_queue_size = 64
    daemon_threads = True


@pytest.fixture(scope="module")
def url() -> Iterator[str]:
    server = Server(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    server.server_close()


def test_a_closed_loop_counts_every_answer_once(url: str) -> None:
    outcome = closed(Request("POST", f"{url}/taken", {"a": 1}), connections=2, seconds=0.3)
    assert outcome.accepted == len(outcome.latencies) > 2
    assert outcome.failed == 0


def test_all_that_arrive_are_answered_over_connections_that_stay_open(url: str) -> None:
    mix = {
        "taken": [Request("POST", f"{url}/taken", {"a": 1})],
        "refused": [Request("POST", f"{url}/refused", {})],
    }
    told = steady(mix, rate=50, connections=20, seconds=1)
    taken, refused = told.outcomes["taken"], told.outcomes["refused"]
    assert taken.accepted + refused.statuses[400] == 50
    assert taken.failed == taken.broken == refused.broken == 0


def test_what_finds_no_free_connection_waits_and_the_wait_is_latency(url: str) -> None:
    """One connection, and arrivals faster than its answers: each still counts from when due."""
    mix = {"taken": [Request("POST", f"{url}/taken", {"a": 1})]}
    told = steady(mix, rate=100_000, connections=1, seconds=0.002)
    latencies = told.outcomes["taken"].latencies
    assert len(latencies) == 200
    assert latencies[-1] > 10 * latencies[0]


def test_samples_belong_to_the_innermost_package(tmp_path: Path) -> None:
    samples = tmp_path / "samples.txt"
    samples.write_text(
        "main (app/__main__.py:20);run (uvicorn/server.py:1);dumps (json/__init__.py:2) 3\n"
        "main (app/__main__.py:20);shape (app/lib/logging.py:9) 1\n"
        "main (app/__main__.py:20);Runner.run (asyncio/runners.py:118) 90\n",
        encoding="utf-8",
    )
    assert shares(samples) == {"uvicorn": 0.75, "app: lib/logging.py": 0.25}


def test_the_buckets_of_statements_are_read_by_their_bound() -> None:
    exposed = (
        "# TYPE db_query_duration_seconds histogram\n"
        'db_query_duration_seconds_bucket{le="0.05"} 7\n'
        'db_query_duration_seconds_bucket{le="+Inf"} 8\n'
        "db_query_duration_seconds_count 8\n"
    )
    assert buckets(exposed) == {"0.05": 7.0, "+Inf": 8.0}


def test_the_report_names_what_was_missed() -> None:
    figures = {
        "starts": {"API": [1.0]},
        "memory": {"API": 90.0},
        "rates": {"ours": [50.0], "bare": [100.0]},
        "processor": {"ours": [0.004], "bare": [0.002]},
        "ratios": {"ours": {"throughput": 0.5, "processor": 0.5}},
        "steady": {
            "rate": 10.0,
            "connections": 1000,
            "generator's share of one core": 0.05,
            "kinds": {"reads": {"answers": 5, "failed": 0, "p50": 0.1, "p99": 0.1, "max": 0.3}},
        },
        "statements": {"0.01": 9.0, "0.05": 10.0, "+Inf": 10.0},
        "profiles": {"ours": {}, "bare": {}},
    }
    section = report.section(FRAMEWORKS["fastapi"], "facts", figures)
    assert "| ours | 50 (50–50) | 4.00 ms (4.00–4.00) | 0.50 | 0.50 | **missed** |" in section
    assert "| reads | 5 | 100 ms | 100 ms | 300 ms | 0 | 200 ms: met |" in section
    assert "0 took longer than 50 ms (met)" in section


def test_the_other_stack_stands_beside_it_without_a_goal() -> None:
    rates = {"ours": [50.0], "bare": [100.0], FIRST.service: [20.0]}
    beside = {"throughput": 2.5, "processor": 2.0}
    ratios = {"ours": {"throughput": 0.5, "processor": 0.5}, FIRST.service: beside}
    figures = {
        "rates": rates,
        "processor": {name: [0.004] for name in rates},
        "ratios": ratios,
    }
    assert f"| {FIRST.service} | 20 (20–20) | 4.00 ms (4.00–4.00) |  |  |  |" in (
        report.throughput(figures)
    )
    (told,) = report.beside(ratios)
    assert "2.5 times its inserts a second, each at 1 / 2.0 of its processor time" in told
