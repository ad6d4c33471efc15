"""Bytes that are HTTP no more: lengths that lie, heads that end nowhere, anything at all."""

import re
import socket
from contextlib import suppress
from urllib.parse import urlsplit

from hypothesis import strategies as st

from suite.checks import LEAKS
from suite.users import User

STATUS_LINE = re.compile(rb"HTTP/1\.[01] (\d{3}) ")
LIES = ["0", "1", "-1", "+5", "5,5", "0x10", "9" * 30, "1e2", "", " ", "٣", "99999"]
HEADERS = [
    "Transfer-Encoding: chunked", "Transfer-Encoding: gzip, chunked", "Transfer-Encoding: x",
    "Connection: upgrade\r\nUpgrade: h2c", "Expect: 100-continue", "Expect: x",
    "Host: a\r\nHost: b",
    "X-Request-Id: a\r\nX-Request-Id: b", "X-Request-Id: a\x00b", "X-Request-Id:\r\n b",
    ": x", "x",
    "X-Request-Id : a", "X Request: 1", "X-Forwarded-For: \x7f", "Content-Type: \x01", "é: 1",
]  # fmt: skip
LINES = ["{method} {path} HTTP/1.1", "{method} {path} HTTP/1.0", "{method} {path} HTTP/2.0",
         "{method} {path}", "{method}  {path} HTTP/1.1", "{path}",
         "{method} http://a{path} HTTP/1.1", "{method} *{path} HTTP/1.1",
         "{method} {path}#x HTTP/1.1", "{method} {path}?é HTTP/1.1",
         "{method} {path}\\..\\x HTTP/1.1", "{method} {path}/../../x HTTP/1.1", "GET * HTTP/1.1",
         "CONNECT a:1 HTTP/1.1", "OPTIONS * HTTP/1.1", "post {path} HTTP/1.1",
         "X{method} {path} HTTP/1.1", "PRI * HTTP/2.0"]  # fmt: skip


def malformed(user: User, url: str, body: bytes) -> st.SearchStrategy[bytes]:
    path = f"{user.service.prefix}{url}"
    own = [f"{name}: {value}" for name, value in user.headers.items()]
    own += [f"X-Forwarded-For: {user.ip}", "Content-Type: application/json", "Connection: close"]

    def request(parts: tuple[str, str, list[str], str, bytes]) -> bytes:
        method, line, more, length, end = parts
        head = [line.format(method=method, path=path), "Host: x", *own, *more]
        head.append(f"Content-Length: {length}")
        return "\r\n".join([*head, "", ""]).encode() + end

    whole = st.tuples(
        st.sampled_from(["POST", "GET", "DELETE"]),
        st.sampled_from(LINES),
        st.lists(st.sampled_from(HEADERS), max_size=2),
        st.sampled_from([*LIES, str(len(body))]),
        st.sampled_from([body, b"", b"5\r\nabc", b"0\r\n\r\n", b"ffffffffff\r\nx", b"x" * 50]),
    ).map(request)

    def damage(edit: tuple[bytes, int, bytes, int]) -> bytes:
        text, at, put, cut = edit
        at %= len(text) + 1
        return text[:at] + put + text[at + cut :]

    damaged = st.tuples(whole, st.integers(0, 400), st.binary(max_size=3), st.integers(0, 3))
    return whole | damaged.map(damage) | st.binary(max_size=60)


def send_raw(base_url: str, request: bytes) -> list[int]:
    """The statuses that came back before the connection was closed; each must be a refusal that
    tells nothing of the inside, or a true answer."""
    url = urlsplit(base_url)
    assert url.hostname is not None
    received = b""
    with (
        socket.create_connection((url.hostname, url.port or 80), timeout=15) as connection,
        suppress(BrokenPipeError, ConnectionResetError),
    ):
        connection.sendall(request)
        # Or else it waits for the rest of the request.
        connection.shutdown(socket.SHUT_WR)
        while piece := connection.recv(65536):
            received += piece
    statuses = [int(status) for status in STATUS_LINE.findall(received)]
    assert not [one for one in statuses if one >= 500 and one not in (501, 505)], received
    if statuses and statuses[0] >= 400:
        assert not LEAKS.search(received.decode("utf-8", "replace")), received
    return statuses
