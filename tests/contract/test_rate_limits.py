"""Section 3: exactly as many pass as may, whoever counts and however fast they come."""

import time
from collections import Counter
from dataclasses import dataclass
from functools import partial

import pytest

from conftest import NewKey
from suite.caller import Caller, Service
from suite.checks import LIMIT_HEADERS, expect, limit_headers
from suite.openapi import UNKNOWN_ID
from suite.rawhttp import exchange
from suite.tenants import Collection, Tenants
from suite.users import User
from suite.waiting import together, wait_for

contract = pytest.mark.contract
ENOUGH = 12.0


def in_a_fresh_window(caller: Caller, url: str) -> int:
    """Asks once; waits for the next window if this one ends soon. How many places are left."""
    while True:
        _, remaining, reset = limit_headers(caller.get(url))
        if reset - time.time() >= ENOUGH:
            return remaining
        window_ends(reset)


def window_ends(reset: int) -> None:
    wait_for(lambda: time.time() > reset, "the window's end", within=ENOUGH + 5)


@dataclass(frozen=True)
class Spent:
    caller: Caller
    statuses: Counter[int]
    places: int
    reset: int


@pytest.fixture(scope="session")
def spent(service: Service, first: Collection) -> Spent:
    """An address that has used up its limit, and how that went."""
    caller = service.anonymous()
    places = in_a_fresh_window(caller, first.url)
    answers = together([lambda: caller.get(first.url)] * (places + 40))
    return Spent(
        caller,
        Counter(answer.status_code for answer in answers),
        places,
        limit_headers(answers[0])[2],
    )


@contract("3.exact", "3.per-ip", "2.429", "1.settings-names")
@pytest.mark.order("first")
def test_exactly_the_limit_passes_of_concurrent_requests_of_an_address(
    spent: Spent, tenants: Tenants
) -> None:
    assert spent.places == tenants.settings.number("RATE_LIMIT_PUBLIC_PER_MINUTE") - 1
    assert spent.statuses == {401: spent.places, 429: 40}


@contract("2.429", "3.window", "3.refused-free")
@pytest.mark.order("first")
def test_429_tells_when_to_come_back(spent: Spent, first: Collection, tenants: Tenants) -> None:
    resets = set()
    for _ in range(3):
        response = spent.caller.get(first.url)
        expect(response, 429)
        limit, remaining, reset = limit_headers(response)
        assert limit == tenants.settings.number("RATE_LIMIT_PUBLIC_PER_MINUTE")
        assert remaining == 0
        assert abs(int(response.headers["retry-after"]) - (reset - time.time())) <= 2
        assert 0 < reset - time.time() <= 61
        resets.add(reset)
    # Whole seconds: where the end lies between two, either may be told.
    assert max(resets | {spent.reset}) - min(resets | {spent.reset}) <= 1


@contract("3.per-ip")
@pytest.mark.order("first")
def test_refused_credentials_count_against_the_address(spent: Spent, first: Collection) -> None:
    bad = spent.caller.with_headers(Authorization="Bearer made-up")
    expect(bad.get(first.url), 429)
    made_up = spent.caller.with_headers(X_API_Key="sk_made-up")
    expect(made_up.post(first.url, json={}), 429)


@contract("3.not-shut-out", "3.per-user")
@pytest.mark.order("first")
def test_valid_credentials_pass_from_a_spent_address(
    spent: Spent, a: User, first: Collection, new_key: NewKey, tenants: Tenants
) -> None:
    here = spent.caller.with_headers(Authorization=a.headers["Authorization"])
    response = here.get(first.url)
    expect(response, 200)
    most = tenants.settings.number("RATE_LIMIT_AUTHENTICATED_PER_MINUTE")
    assert limit_headers(response)[0] == most
    key = spent.caller.with_headers(X_API_Key=new_key(a))
    expect(key.post(first.url, json=a.sampler(first).body()), 201)


@contract("3.exempt")
@pytest.mark.order("first")
def test_health_metrics_and_openapi_are_exempt(spent: Spent, tenants: Tenants) -> None:
    root = spent.caller.root
    for path in ("/health/live", "/health/ready", "/openapi.json"):
        response = root.get(path)
        expect(response, 200)
        assert not set(LIMIT_HEADERS) & set(response.headers), path
    assert root.get("/metrics").status_code in (200, 401)
    assert root.get("/docs").status_code in (200, 404)


@contract("3.unknown-routes", "3.nothing-else")
@pytest.mark.order("first")
def test_unknown_routes_wrong_methods_and_log_ins_meet_the_limit_too(
    spent: Spent, first: Collection
) -> None:
    expect(spent.caller.get("/nowhere"), 429)
    expect(spent.caller.request("PUT", first.url), 429)
    expect(spent.caller.get(f"{first.url}/{UNKNOWN_ID}"), 429)


@contract("3.exempt", "3.nothing-else")
@pytest.mark.order("first")
@pytest.mark.applies(auth=("jwt", "passport"))
@pytest.mark.parametrize("path", ["/auth/token", "/auth/refresh"])
def test_the_routes_of_the_tokens_meet_the_limit_too(spent: Spent, path: str) -> None:
    expect(spent.caller.post(path, json={}), 429)


@contract("3.window")
@pytest.mark.order("last")
def test_a_new_window_opens_at_reset(spent: Spent, first: Collection) -> None:
    wait_for(lambda: time.time() >= spent.reset + 1, "the window's end", within=63)
    response = spent.caller.get(first.url)
    expect(response, 401)
    limit, remaining, reset = limit_headers(response)
    assert remaining == limit - 1
    assert reset >= spent.reset + 59


@contract("3.refused-free", "3.nothing-else", "3.unknown-routes")
def test_each_kind_of_request_takes_one_place(anonymous: Caller, first: Collection) -> None:
    left = in_a_fresh_window(anonymous, first.url)
    requests = [
        ("GET", first.url),
        ("GET", "/nowhere"),
        ("POST", "/nowhere"),
        ("PUT", first.url),
        ("POST", first.url),
        ("GET", f"{first.url}/not-a-uuid"),
    ]
    for method, url in requests:
        left -= 1
        assert limit_headers(anonymous.request(method, url))[1] == left, (method, url)


@contract("3.per-user", "3.exact", "2.order-limit")
def test_exactly_the_limit_passes_of_concurrent_requests_of_a_user(
    fresh: User, service: Service, tenants: Tenants, first: Collection
) -> None:
    # From many addresses, with a body that fails its schema: the limit is judged before.
    left = in_a_fresh_window(fresh, first.url)
    assert left <= tenants.settings.number("RATE_LIMIT_AUTHENTICATED_PER_MINUTE") - 1
    callers = [Caller(service, service.addresses.new(), fresh.headers) for _ in range(16)]
    answers = together(
        [partial(callers[n % 16].post, first.url, json={}) for n in range(left + 30)]
    )
    assert Counter(answer.status_code for answer in answers) == {400: left, 429: 30}


@contract("3.per-key", "3.exact", "2.order-limit")
def test_exactly_the_limit_passes_of_concurrent_requests_of_a_key(
    fresh: User, service: Service, first: Collection, new_key: NewKey
) -> None:
    key = service.sdk(new_key(fresh))
    response = key.post(first.url, json={})
    expect(response, 400)
    _, left, reset = limit_headers(response)
    if reset - time.time() < ENOUGH:
        window_ends(reset)
        _, left, _ = limit_headers(key.post(first.url, json={}))
    answers = together([lambda: key.post(first.url, json={})] * (left + 30))
    assert Counter(answer.status_code for answer in answers) == {400: left, 429: 30}
    # The user who made the key has places of their own.
    expect(fresh.get(first.url), 200)


@contract("3.processes")
@pytest.mark.applies(strict=True)
def test_exactly_the_limit_passes_over_several_processes(
    fresh: User, strict: Service, first: Collection
) -> None:
    other = Caller(strict, fresh.ip, fresh.headers)
    left = in_a_fresh_window(fresh, first.url)
    callers: list[Caller] = [fresh, other]
    answers = together([partial(callers[n % 2].post, first.url, json={}) for n in range(left + 30)])
    assert Counter(answer.status_code for answer in answers) == {400: left, 429: 30}


@contract("3.proxy-hops", "3.spoofed")
def test_the_address_that_the_proxy_saw_counts_and_no_other(
    service: Service, tenants: Tenants, first: Collection
) -> None:
    hops = tenants.settings.number("TRUSTED_PROXY_HOPS")
    assert hops == 1, "the suite needs TRUSTED_PROXY_HOPS=1"
    caller = service.anonymous()
    left = in_a_fresh_window(caller, first.url)
    for spoofed in ("1.2.3.4", "unknown", "::1", "127.0.0.1, 10.0.0.1", "x" * 500, ""):
        told = {"X-Forwarded-For": f"{spoofed}, {caller.ip}"}
        left -= 1
        assert limit_headers(caller.get(first.url, headers=told))[1] == left, spoofed


@contract("3.proxy-hops")
def test_each_address_has_places_of_its_own(service: Service, first: Collection) -> None:
    one, other = service.anonymous(), service.anonymous()
    left = in_a_fresh_window(one, first.url)
    assert in_a_fresh_window(other, first.url) == left


@contract("3.spoofed")
def test_several_forwarded_headers_count_as_one_list(service: Service, first: Collection) -> None:
    caller = service.anonymous()
    left = in_a_fresh_window(caller, first.url)
    spoofing = Caller(service, "1.2.3.4")
    response = exchange(spoofing, "GET", first.url, [("X-Forwarded-For", caller.ip)])
    assert int(response.headers["x-ratelimit-remaining"]) == left - 1


@contract("3.spoofed")
@pytest.mark.applies(strict=True)
def test_without_a_trusted_proxy_the_header_is_not_looked_at(
    strict: Service, first: Collection
) -> None:
    left = in_a_fresh_window(strict.anonymous(), first.url)
    for expected in (left - 1, left - 2, left - 3):
        assert limit_headers(strict.anonymous().get(first.url))[1] == expected


@contract("3.checksum", "2.401-bad")
def test_a_made_up_key_is_refused(
    a: User, service: Service, first: Collection, new_key: NewKey
) -> None:
    key = new_key(a)
    flipped = key[:-1] + ("a" if key[-1] != "a" else "b")
    swapped = key[:6] + key[6:][::-1]
    for made_up in (
        flipped,
        swapped,
        key[:-2],
        key + "a",
        key.upper(),
        "sk_",
        "sk_" + "a" * 40,
        "",
    ):
        expect(service.sdk(made_up).post(first.url, json={}), 401)
    expect(service.sdk(key).post(first.url, json=a.sampler(first).body()), 201)
