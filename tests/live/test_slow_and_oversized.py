"""Section 2: callers that are slow, or send too much, keep nobody else from being served."""

import socket
from collections.abc import Iterator
from contextlib import ExitStack
from urllib.parse import urlsplit

import pytest

from harness import Service, tally
from harness.service import Api
from suite.checks import expect
from suite.rawhttp import exchange
from suite.users import User
from suite.waiting import wait_for

from .people import log_in
from .stack import Stack, boot_settings

# Nothing that is under test here differs between the answer sets.
pytestmark = pytest.mark.stacks("default answers")

# More than the service has connections to its database.
SLOW_CALLERS = 60
IDLE_CALLERS = 300
PATIENCE_MS = 2_000
ENDS_WITHIN = 60
HUGE = 40_000_000
MOST_GROWTH = 20_000_000
CHUNKED = b"POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n"
ENDLESS = [
    b"GET /",
    b"GET / HTTP/1.1\r\nX",
    b"GET / HTTP/1.1\r\nHost: x\r\nX-Large: ",
    CHUNKED + b"0\r\nX-Trailer: ",
    CHUNKED + b"1;extension=",
]


@pytest.fixture(scope="module")
def api(stack: Stack, urls: dict[str, str]) -> Iterator[Api]:
    service = Service(stack.project, stack.logs / "slow", urls, boot_settings(stack, 9))
    try:
        yield service.start_api(REQUEST_TIMEOUT_MS=str(PATIENCE_MS))
    finally:
        service.kill()
    stack.check_logs(service)


@pytest.fixture(scope="module")
def user(stack: Stack, urls: dict[str, str], api: Api) -> User:
    seeding = Service(stack.project, stack.logs / "slow", urls, api.settings)
    return log_in(stack, api, stack.seed(seeding))


@pytest.fixture
def connections(api: Api) -> Iterator["Connections"]:
    with ExitStack() as opened:
        yield Connections(api, opened)


class Connections:
    def __init__(self, api: Api, opened: ExitStack) -> None:
        url = urlsplit(api.base_url)
        self._address = (url.hostname, url.port)
        self._opened = opened

    def open(self, sent: bytes) -> socket.socket:
        line = self._opened.enter_context(socket.create_connection(self._address, timeout=30))
        line.sendall(sent)
        return line


def head(user: User, *lines: str) -> bytes:
    """Of a request that makes a row."""
    prefix = user.service.prefix
    given = [f"Authorization: {user.headers['Authorization']}", "Content-Type: application/json"]
    first = f"POST {prefix}{user.collections[0].url} HTTP/1.1"
    return "\r\n".join([first, "Host: service", *given, *lines, "", ""]).encode()


def rest(line: socket.socket) -> bytes:
    """All that comes until the service ends the connection."""
    line.settimeout(ENDS_WITHIN)
    told = b""
    while piece := line.recv(65536):
        told += piece
    return told


def served(user: User) -> None:
    expect(user.get(user.collections[0].url), 200)
    expect(user.post(user.collections[0].url, json=user.sampler(user.collections[0]).body()), 201)


def test_slow_bodies_hold_up_nobody(user: User, connections: Connections) -> None:
    sent = head(user, "Content-Length: 100", "Connection: close") + b"{"
    slow = [connections.open(sent) for _ in range(SLOW_CALLERS)]
    served(user)
    for line in slow:
        assert rest(line).startswith(b"HTTP/1.1 400 ")
    tally.count("security", cases=SLOW_CALLERS)


def test_a_body_that_comes_byte_by_byte_is_waited_for_no_longer(
    user: User, connections: Connections
) -> None:
    line = connections.open(head(user, "Content-Length: 1000000", "Connection: close"))
    line.setblocking(False)

    def answered() -> bytes:
        line.send(b" ")
        try:
            return line.recv(100)
        except BlockingIOError:
            return b""

    assert wait_for(answered, "an answer", ENDS_WITHIN).startswith(b"HTTP/1.1 400 ")
    tally.count("security", cases=1)


def test_slow_heads_hold_up_nobody_and_are_ended(user: User, connections: Connections) -> None:
    starts = [b"", b"GET / HT", b"GET / HTTP/1.1\r\nHost: x\r\n", head(user)[:-2]]
    slow = [connections.open(start) for start in starts * (IDLE_CALLERS // len(starts))]
    served(user)
    for line in slow:
        # No request was ever made: whether one more line says so is the server's business.
        told = rest(line)
        assert not told or told.startswith(b"HTTP/1.1 408 ")
    tally.count("security", cases=len(slow))


def test_what_never_becomes_a_request_is_not_kept(
    user: User, api: Api, connections: Connections
) -> None:
    process = api.inner()
    before = process.memory_info().rss
    for start in ENDLESS:
        line = connections.open(start)
        with pytest.raises(ConnectionError):
            line.sendall(b"x" * HUGE)
        assert process.memory_info().rss < before + MOST_GROWTH, start
    served(user)
    tally.count("security", cases=len(ENDLESS))


def test_requests_of_every_size_are_answered_in_their_form(user: User) -> None:
    """Long, but not too long: a refusal like any other, or none."""
    url = user.collections[0].url
    for path in (
        f"{url}?{'x' * 30_000}=1",
        f"{url}?cursor={'x' * 30_000}",
        f"{url}/{'x' * 30_000}",
    ):
        assert user.get(path).status_code in (400, 404)
    many = [(f"X-Header-{number}", "x" * 20) for number in range(1_000)]
    assert exchange(user, "GET", url, many).status == 200
    tally.count("security", cases=4)
