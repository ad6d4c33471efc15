"""Section 7: a webhook may not be aimed at the inside. Asked of the strict service."""

import pytest

from conftest import Login
from suite.caller import Service
from suite.checks import expect, expect_invalid
from suite.endpoints import types_of
from suite.tenants import Collection
from suite.users import Spares, User

pytestmark = pytest.mark.applies(strict=True)
contract = pytest.mark.contract
INSIDE = [
    "http://127.0.0.1/",
    "http://127.0.0.1:8000/hook",
    "https://127.255.255.254/",
    "http://localhost/",
    "http://LOCALHOST:80/",
    "http://localhost./",
    "http://0.0.0.0/",
    "http://10.0.0.1/",
    "http://172.16.0.1/",
    "http://172.31.255.255/",
    "http://192.168.1.1/",
    "http://169.254.169.254/latest/meta-data",
    "http://[::1]/",
    "http://[::]/",
    "http://[fe80::1]/",
    "http://[fc00::1]/",
    "http://[fd12:3456::1]/",
    "http://[::ffff:127.0.0.1]/",
    "http://[::ffff:10.0.0.1]/",
    "http://[::ffff:a9fe:a9fe]/",
    "http://2130706433/",
    "http://0x7f000001/",
    "http://0177.0.0.1/",
    "http://127.1/",
    "http://user:word@127.0.0.1/",
    "http://example.test@127.0.0.1/",
    "http://127.0.0.1%2f@localhost/",
]


@pytest.fixture(scope="module")
def owner(log_in: Login, spares: Spares, strict: Service) -> User:
    """An account in which nothing happens, so that nothing is ever sent."""
    return log_in(spares.fresh(), at=strict)


@contract("7.ssrf-registration")
@pytest.mark.parametrize("url", INSIDE)
def test_an_inside_address_is_refused_at_registration(
    owner: User, first: Collection, url: str
) -> None:
    body = {"url": url, "eventTypes": types_of(first, "created")}
    expect_invalid(owner.post("/webhook-endpoints", json=body), "url")
    assert owner.rows("/webhook-endpoints") == []


@contract("7.ssrf-registration")
@pytest.mark.parametrize(
    "url", ["https://93.184.215.14/hook", "http://[2606:2800:21f::1]:8443/hook?a=b"]
)
def test_an_outside_address_is_taken(owner: User, first: Collection, url: str) -> None:
    body = {"url": url, "eventTypes": types_of(first, "deleted")}
    row = expect(owner.post("/webhook-endpoints", json=body), 201)["data"]
    assert row["url"] == url
    expect(owner.delete(f"/webhook-endpoints/{row['id']}"), 204)
