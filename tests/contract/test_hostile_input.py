"""Sections 2 and 8: what a caller writes stays what it is: never a header, never a log line."""

import json
import uuid
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import quote

import pytest

from logs import check_log_line
from suite.caller import Caller
from suite.checks import expect
from suite.rawhttp import RawResponse, exchange
from suite.tenants import Collection, Tenants
from suite.users import User
from test_logs import request_lines

pytestmark = pytest.mark.security
contract = pytest.mark.contract
JSON = ("Content-Type", "application/json")
# What ends a line somewhere, moves a terminal's cursor, or looks like a line of the log.
NASTY = {
    "newline": "\n",
    "carriage return": "\r\n",
    "next line": "\x85",
    "line separator": "\u2028",
    "escape": "\x1b[2J\x1b]0;owned\x07",
    "control sequence": "\x9b2J",
    "right to left": "\u202e",
    "line of a log": '"}\n{"level":"error","message":"forged","status":500}',
}
EVERY_NASTY = pytest.mark.parametrize("nasty", NASTY.values(), ids=NASTY)


def written(files: list[Path]) -> Iterator[str]:
    for file in files:
        # Only a line feed ends a line here: whatever else does so elsewhere must not be in one.
        yield from file.read_text(encoding="utf-8").split("\n")


@contract("8.json-lines", "8.one-line", "8.no-secrets")
@pytest.mark.applies(api_logs=True)
@EVERY_NASTY
def test_nothing_that_a_caller_writes_becomes_a_log_line(
    owner: User, anonymous: Caller, tenants: Tenants, first: Collection, nasty: str
) -> None:
    mark = f"mark{uuid.uuid4().hex}"
    text, seen = f"{mark}{nasty}{mark}", f"seen-{uuid.uuid4()}"
    owner.post("/sdk-keys", json={"name": text[:100]})
    owner.post(first.url, json={text: text})
    owner.send("POST", first.url, f'{{"{mark}" {nasty}')
    owner.post("/webhook-endpoints", json={"url": f"http://127.0.0.1/{text}", "eventTypes": [text]})
    owner.get(first.url, params={"cursor": text, text: text})
    owner.get(f"{first.url}/{quote(text)}")
    anonymous.post("/auth/token", json={"email": text, "password": text})
    anonymous.post("/auth/refresh", json={"refreshToken": text})
    anonymous.root.get(f"/{quote(text)}")
    wire = text.replace("\r", " ").replace("\n", " ").encode().decode("latin-1")
    for name in (
        "User-Agent",
        "Referer",
        "Authorization",
        "X-API-Key",
        "X-Account-Id",
        "Origin",
        "Idempotency-Key",
        "X-Request-Id",
        "Content-Type",
        "X-Forwarded-For",
    ):
        raw_request(anonymous, "POST", first.url, [(name, wire)])
    owner.get(first.url, headers={"X-Request-Id": seen})
    request_lines(tenants, seen)
    for line in written([*tenants.api_logs, *tenants.worker_logs]):
        if line:
            check_log_line(json.loads(line), tenants.prefix)
        assert mark not in line
        assert len(line.splitlines()) <= 1, "a line within a line"


def raw_request(
    caller: Caller, method: str, path: str, headers: list[tuple[str, str]], body: bytes = b"{}"
) -> RawResponse | None:
    """None when the connection was closed on what is no HTTP."""
    try:
        return exchange(
            caller, method, path, [*headers, ("Content-Length", str(len(body)))], body=body
        )
    except ConnectionError:
        return None


@contract("2.request-id-new", "2.no-leak")
@pytest.mark.parametrize("name", ["X-Request-Id", "Idempotency-Key", "Origin", "X-Account-Id"])
@pytest.mark.parametrize(
    "value",
    ["a\r\nX-Injected: 1", "a\nX-Injected: 1", "a\rX-Injected: 1", "a%0d%0aX-Injected:%201"],
)
def test_no_header_of_a_request_comes_back_as_another(
    anonymous: Caller, first: Collection, name: str, value: str
) -> None:
    answer = raw_request(anonymous, "POST", first.url, [(name, value), JSON])
    if answer is not None:
        assert "x-injected" not in answer.headers
        assert not [held for held in answer.headers.values() if "njected" in held]


@contract("2.no-leak")
@pytest.mark.parametrize("host", ["evil.test", "evil.test:1@b", "", "a, b", "127.0.0.1:1"])
def test_the_host_that_a_request_names_leads_nowhere(
    anonymous: Caller, first: Collection, host: str
) -> None:
    for path in (first.url, f"{first.url}/", "/nowhere"):
        forwarded = [("X-Forwarded-Host", host), ("Forwarded", f"host={host}")]
        forwarded += [("X-Original-URL", "/metrics"), ("X-Rewrite-URL", "/metrics")]
        answer = exchange(anonymous, "GET", path, forwarded)
        assert answer.status in (401, 404)
        assert "location" not in answer.headers
        assert "evil" not in f"{answer.headers}{answer.body!r}"


@contract("1.cors-none")
@pytest.mark.parametrize(
    "origin", ["https://evil.test", "null", "*", "http://127.0.0.1", "file://"]
)
def test_no_origin_is_reflected(anonymous: Caller, first: Collection, origin: str) -> None:
    for method in ("GET", "POST", "OPTIONS"):
        asked = {"Origin": origin, "Access-Control-Request-Method": "POST"}
        answer = anonymous.request(method, first.url, headers=asked)
        assert not [name for name in answer.headers if name.startswith("access-control-")]


@contract("2.400-schema", "4.token")
@pytest.mark.applies(auth=("jwt", "passport"))
def test_a_password_of_a_megabyte_is_refused_unhashed(anonymous: Caller, tenants: Tenants) -> None:
    for size in (2_000, 900_000):
        body = {"email": tenants.seeds["a_owner"].email, "password": "x" * size}
        expect(anonymous.post("/auth/token", json=body), 400)


@contract("2.415-encoding")
def test_a_compressed_bomb_is_not_unpacked(owner: User, first: Collection) -> None:
    bomb = bytes.fromhex("1f8b0800000000000003") + b"\x00" * 1000
    for encoding in ("gzip", "deflate", "br", "identity, gzip", "GZIP", "x-gzip"):
        answer = owner.send("POST", first.url, bomb, Content_Encoding=encoding)
        expect(answer, 415)


@contract("2.401-bad", "2.400-two-credentials")
def test_credentials_that_come_twice_are_no_way_in(a: User, b: User, first: Collection) -> None:
    tokens = [("Authorization", user.headers["Authorization"]) for user in (a, b)]
    row = a.create(first)
    caller = b.service.anonymous()
    answer = exchange(caller, "GET", f"{first.url}/{row['id']}", tokens[::-1])
    assert answer.status in (400, 401, 404)
    accounts = [("X-Account-Id", user.seed.account_id) for user in (b, a)]
    answer = exchange(caller, "GET", f"{first.url}/{row['id']}", [tokens[1], *accounts])
    assert answer.status in (400, 403, 404)


@contract("2.no-leak")
@pytest.mark.parametrize(
    "lines",
    [
        [("Content-Length", "5"), ("Transfer-Encoding", "chunked")],
        [("Content-Length", "5"), ("Content-Length", "6")],
        [("Content-Length", "+5")],
        [("Content-Length", "-1")],
        [("Content-Length", "5, 5")],
        [("Transfer-Encoding", "chunked, identity")],
        [("Transfer-Encoding", "xchunked")],
        [("Transfer-Encoding", " chunked"), ("Transfer-Encoding", "cow")],
    ],
    ids=str,
)
def test_a_request_whose_end_is_unclear_is_refused(
    anonymous: Caller, first: Collection, lines: list[tuple[str, str]]
) -> None:
    """Or else what follows it could be taken for somebody's next request."""
    try:
        answer = exchange(anonymous, "POST", first.url, [JSON, *lines], body=b"0\r\n\r\nG")
    except (ConnectionError, OSError):
        return
    assert answer.status == 400
