"""HTTP by hand, for what a client library would put right: lengths, chunks, odd header values."""

import socket
from contextlib import suppress
from dataclasses import dataclass
from http.client import HTTPResponse
from urllib.parse import urlsplit

from suite.caller import Caller


@dataclass(frozen=True)
class RawResponse:
    status: int
    headers: dict[str, str]
    body: bytes


def exchange(
    caller: Caller,
    method: str,
    path: str,
    headers: list[tuple[str, str]],
    *,
    body: bytes = b"",
) -> RawResponse:
    """Sends the request as it is given, with Host and the caller's headers; one response."""
    service = caller.service
    target = path if caller.outside else f"{service.prefix}{path}"
    url = urlsplit(service.base_url)
    lines = [f"{method} {target} HTTP/1.1", f"Host: {url.netloc}", f"X-Forwarded-For: {caller.ip}"]
    lines += [f"{name}: {value}" for name, value in [*caller.headers.items(), *headers]]
    head = "\r\n".join([*lines, "Connection: close", "", ""]).encode("latin-1")
    assert url.hostname is not None
    with socket.create_connection((url.hostname, url.port or 80), timeout=15) as connection:
        # The service may answer and close before it has read an over-long body.
        with suppress(BrokenPipeError, ConnectionResetError):
            connection.sendall(head + body)
        response = HTTPResponse(connection, method=method)
        response.begin()
        return RawResponse(
            response.status,
            {name.lower(): value for name, value in response.getheaders()},
            response.read(),
        )


def chunks(body: bytes, size: int = 65536) -> bytes:
    """The body in chunked transfer coding."""
    parts = [body[start : start + size] for start in range(0, len(body), size)]
    return b"".join(b"%x\r\n%s\r\n" % (len(part), part) for part in parts) + b"0\r\n\r\n"
