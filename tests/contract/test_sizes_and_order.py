"""Section 2: what is too large, and the order in which a request is judged."""

import json
from typing import Any

import pytest

from suite.caller import Caller
from suite.checks import LIMIT_HEADERS, expect, limit_headers
from suite.openapi import OpenApi
from suite.rawhttp import chunks, exchange
from suite.tenants import Collection, Tenants
from suite.users import User

contract = pytest.mark.contract
JSON = ("Content-Type", "application/json")
CHUNKED = ("Transfer-Encoding", "chunked")


def padded(body: dict[str, Any], size: int) -> bytes:
    text = json.dumps(body).encode()
    return text + b" " * (size - len(text))


@contract("2.413-length")
def test_413_body_of_one_byte_too_many(owner: User, tenants: Tenants, first: Collection) -> None:
    most = tenants.settings.number("MAX_PAYLOAD_BYTES")
    body = owner.sampler(first).body()
    expect(owner.send("POST", first.url, padded(body, most)), 201)
    expect(owner.send("POST", first.url, padded(body, most + 1)), 413)


@contract("2.order-size-first")
@pytest.mark.parametrize("method", ["POST", "PATCH", "GET", "PUT"])
@pytest.mark.parametrize("path", ["/nowhere", "first"])
def test_413_comes_before_routing_credentials_and_the_body(
    anonymous: Caller, tenants: Tenants, first: Collection, method: str, path: str
) -> None:
    size = str(tenants.settings.number("MAX_PAYLOAD_BYTES") + 1)
    url = first.url if path == "first" else path
    response = exchange(anonymous, method, url, [("Content-Length", size)])
    assert response.status == 413
    assert set(json.loads(response.body)) == {"error", "requestId"}


@contract("2.order-size-free")
def test_413_by_length_takes_no_place_and_has_no_limit_headers(
    anonymous: Caller, tenants: Tenants, first: Collection
) -> None:
    size = str(tenants.settings.number("MAX_PAYLOAD_BYTES") + 1)
    _, before, window = limit_headers(anonymous.get(first.url))
    for _ in range(3):
        response = exchange(anonymous, "POST", first.url, [JSON, ("Content-Length", size)])
        assert response.status == 413
        assert not set(LIMIT_HEADERS) & set(response.headers)
    _, after, later = limit_headers(anonymous.get(first.url))
    assert after == before - 1 or later > window


@contract("2.413-chunked")
def test_413_chunked_body_without_a_length(
    owner: User, tenants: Tenants, first: Collection
) -> None:
    most = tenants.settings.number("MAX_PAYLOAD_BYTES")
    body = owner.sampler(first).body()
    fits = exchange(owner, "POST", first.url, [JSON, CHUNKED], body=chunks(padded(body, most)))
    assert fits.status == 201
    over = exchange(owner, "POST", first.url, [JSON, CHUNKED], body=chunks(padded(body, most + 1)))
    assert over.status == 413
    far_over = exchange(owner, "POST", first.url, [JSON, CHUNKED], body=chunks(b" " * 4 * most))
    assert far_over.status == 413


@contract("2.order-chunked")
def test_an_over_long_chunked_body_meets_401_or_413(
    anonymous: Caller, tenants: Tenants, first: Collection
) -> None:
    body = chunks(b" " * (tenants.settings.number("MAX_PAYLOAD_BYTES") + 1))
    response = exchange(anonymous, "POST", first.url, [JSON, CHUNKED], body=body)
    assert response.status in (401, 413)


@contract("2.order-credentials")
def test_401_comes_before_400(anonymous: Caller, api: OpenApi) -> None:
    for operation in api.limited():
        if api.secured(operation):
            caller = anonymous.service.anonymous()
            response = caller.send(operation.method, operation.url(), "{")
            assert response.status_code == 401, operation.name
