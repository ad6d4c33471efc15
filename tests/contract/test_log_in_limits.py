"""Section 3: log-in attempts have a limit of their own besides."""

import time
from collections import Counter

import pytest

from suite.caller import Caller, Service
from suite.checks import expect, limit_headers
from suite.tenants import Collection, Seed, Tenants
from suite.waiting import together, wait_for

pytestmark = pytest.mark.applies(auth=("jwt", "passport"))
contract = pytest.mark.contract
ENOUGH = 8.0


@pytest.fixture
def seed(tenants: Tenants) -> Seed:
    return tenants.seeds["b_owner"]


@pytest.fixture
def most(tenants: Tenants) -> int:
    return tenants.settings.number("RATE_LIMIT_LOGIN_PER_MINUTE")


@pytest.fixture
def visitor(service: Service, first: Collection) -> Caller:
    """An address that has some time left in its window, and one place less."""
    caller = service.anonymous()
    _, _, reset = limit_headers(caller.get(first.url))
    if reset - time.time() < ENOUGH:
        wait_for(lambda: time.time() > reset, "the window's end", within=ENOUGH + 5)
    return caller


def attempt(caller: Caller, email: str, password: str) -> int:
    return caller.post("/auth/token", json={"email": email, "password": password}).status_code


@contract("3.login-pair", "3.login-every")
def test_wrong_attempts_count(visitor: Caller, seed: Seed, most: int) -> None:
    statuses = [attempt(visitor, seed.email, "wrong password") for _ in range(most + 1)]
    assert statuses == [401] * most + [429]
    assert attempt(visitor, seed.email, seed.password) == 429


@contract("3.login-every", "2.429")
def test_right_attempts_count_too(visitor: Caller, seed: Seed, most: int) -> None:
    statuses = [attempt(visitor, seed.email, seed.password) for _ in range(most)]
    assert statuses == [200] * most
    response = visitor.post("/auth/token", json={"email": seed.email, "password": seed.password})
    expect(response, 429)
    assert 0 < int(response.headers["retry-after"]) <= 60


@contract("3.login-pair")
def test_the_limit_is_of_the_pair_of_email_and_address(
    visitor: Caller, service: Service, tenants: Tenants, seed: Seed, most: int
) -> None:
    statuses = [attempt(visitor, seed.email, "wrong password") for _ in range(most + 1)]
    assert statuses[-1] == 429
    other = tenants.seeds["a_owner"]
    assert attempt(visitor, other.email, other.password) == 200
    assert attempt(service.anonymous(), seed.email, seed.password) == 200


@contract("3.login-pair", "4.same-answer")
def test_an_unknown_email_is_limited_alike(visitor: Caller, most: int) -> None:
    statuses = [attempt(visitor, "nobody@nowhere.test", "wrong password") for _ in range(most + 1)]
    assert statuses == [401] * most + [429]


@contract("3.login-every", "3.exact")
def test_exactly_the_limit_passes_of_concurrent_attempts(
    visitor: Caller, seed: Seed, most: int
) -> None:
    statuses = together([lambda: attempt(visitor, seed.email, "wrong password")] * (most * 4))
    assert Counter(statuses) == {401: most, 429: most * 3}


@contract("3.tightest")
def test_the_headers_tell_of_the_log_in_limit_while_it_is_tighter(
    visitor: Caller, seed: Seed, most: int
) -> None:
    for taken in range(1, most + 1):
        response = visitor.post(
            "/auth/token", json={"email": seed.email, "password": "wrong password"}
        )
        assert limit_headers(response)[:2] == (most, most - taken)


@contract("3.tightest")
def test_the_headers_tell_of_the_address_limit_when_that_is_tighter(
    visitor: Caller, seed: Seed, most: int, first: Collection, tenants: Tenants
) -> None:
    public = tenants.settings.number("RATE_LIMIT_PUBLIC_PER_MINUTE")
    left = limit_headers(visitor.get(first.url))[1]
    together([lambda: visitor.get(first.url)] * (left - 2))
    body = {"email": seed.email, "password": "wrong password"}
    response = visitor.post("/auth/token", json=body)
    expect(response, 401)
    assert limit_headers(response)[:2] == (public, 1)


@contract("3.refused-free")
def test_a_refused_attempt_takes_no_place_of_the_address(
    visitor: Caller, seed: Seed, most: int, first: Collection
) -> None:
    before = limit_headers(visitor.get(first.url))[1]
    statuses = [attempt(visitor, seed.email, "wrong password") for _ in range(most + 3)]
    assert statuses == [401] * most + [429] * 3
    assert limit_headers(visitor.get(first.url))[1] == before - most - 1


@contract("3.login-pair")
def test_an_email_is_the_same_however_it_is_written(
    visitor: Caller, service: Service, seed: Seed, most: int
) -> None:
    ways = [seed.email, seed.email.upper(), seed.email.title(), f" {seed.email}", f"{seed.email} "]
    # Those under which the user is known, asked from elsewhere.
    known = [one for one in ways if attempt(service.anonymous(), one, seed.password) == 200]
    attempts = [known[number % len(known)] for number in range(most * 2)]
    statuses = [attempt(visitor, one, "wrong password") for one in attempts]
    assert statuses == [401] * most + [429] * most
