"""Section 7: a webhook may not be aimed at the inside. Asked of the strict service."""

import pytest

from conftest import Login
from suite.caller import Service
from suite.checks import expect, expect_invalid
from suite.endpoints import types_of
from suite.tenants import Collection
from suite.users import Spares, User

pytestmark = [pytest.mark.applies(strict=True), pytest.mark.security]
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
    # Shared, test, benchmark, multicast and reserved ranges.
    "http://100.64.0.1/",
    "http://100.127.255.254/",
    "http://192.0.0.1/",
    "http://192.0.2.1/",
    "http://198.18.0.1/",
    "http://203.0.113.1/",
    "http://224.0.0.1/",
    "http://239.255.255.250/",
    "http://240.0.0.1/",
    "http://255.255.255.255/",
    # IPv4 within IPv6: mapped, compatible, NAT64, 6to4, Teredo.
    "http://[0:0:0:0:0:ffff:127.0.0.1]/",
    "http://[::ffff:7f00:1]/",
    "http://[::127.0.0.1]/",
    "http://[64:ff9b::127.0.0.1]/",
    "http://[64:ff9b:1::a00:1]/",
    "http://[2002:7f00:1::]/",
    "http://[2002:a00:1::1]/",
    "http://[2001:0:53aa:64c:0:0:80ff:fffe]/",
    "http://[0:0:0:0:0:0:0:1]/",
    "http://[fec0::1]/",
    "http://[ff02::1]/",
    "http://[100::1]/",
    "http://[2001:db8::1]/",
    "http://[fe80::1%25lo]/",
    "http://[fe80::1%lo]/",
    "http://[::1%25lo]/",
    # Other spellings of the same addresses.
    "http://0/",
    "http://0x0/",
    "http://127.0.1/",
    "http://127.0.0.1./",
    "http://0x7f.1/",
    "http://0x7f.0.0.0x1/",
    "http://017700000001/",
    "http://00000177.0.0.1/",
    "http://2852039166/",
    "http://0xa9fea9fe/",
    "http://0251.0376.0251.0376/",
    "http://169.254.43518/",
    "http://１２７.０.０.１/",
    "http://127。0。0。1/",
    "http://①②⑦.⓪.⓪.①/",
    "http://ⓛⓞⓒⓐⓛⓗⓞⓢⓣ/",
    "http://localhost%00.example.test/",
    "http://127.0.0.1%00/",
    "http://127.0.0.1\t/",
    "http://127.0.0.1\r\nHost: example.test/",
    "http://example.test\\@127.0.0.1/",
    "http://127.0.0.1:80\\@example.test/",
    "http://127.0.0.1#@example.test/",
    "http://127.0.0.1?@example.test/",
    "http:127.0.0.1/",
    "http:///127.0.0.1/",
    "//127.0.0.1/",
    "HTTP://LocalHost/",
    "file:///etc/passwd",
    "gopher://127.0.0.1:6379/_PING",
    "unix:///var/run/docker.sock",
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
