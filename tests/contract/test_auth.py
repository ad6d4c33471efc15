"""Section 4: log-in, refresh rotation, and the tokens that are refused."""

import time
from functools import partial
from statistics import median
from typing import Any

import pytest
from httpx2 import Response

from suite import tokens
from suite.caller import Caller, Service
from suite.checks import expect, expect_invalid
from suite.tenants import Collection, Seed, Tenants
from suite.waiting import together

contract = pytest.mark.contract
by_password = pytest.mark.applies(auth=("jwt", "passport"))
FAR = 120


@pytest.fixture
def seed(tenants: Tenants) -> Seed:
    return tenants.seeds["b_owner"]


def refresh(caller: Caller, token: str) -> Response:
    return caller.post("/auth/refresh", json={"refreshToken": token})


@contract("4.token", "4.access-15-min", "4.bearer")
@by_password
def test_log_in_gives_tokens_that_work(
    anonymous: Caller, seed: Seed, first: Collection, service: Service
) -> None:
    body = {"email": seed.email, "password": seed.password}
    answer = expect(anonymous.post("/auth/token", json=body), 200)
    data = answer["data"]
    assert set(data) == {"accessToken", "tokenType", "expiresIn", "refreshToken"}
    assert data["tokenType"] == "Bearer"
    assert isinstance(data["expiresIn"], int)
    assert 0 < data["expiresIn"] <= 900
    assert data["accessToken"] != data["refreshToken"]
    bearer = anonymous.with_headers(Authorization=f"Bearer {data['accessToken']}")
    expect(bearer.get(first.url), 200)
    claims = tokens.decode(data["accessToken"])[1]
    assert 0 < claims["exp"] - time.time() <= 901


@contract("4.token")
@by_password
@pytest.mark.parametrize(
    "body",
    [
        {},
        {"email": "a@b.test"},
        {"password": "x"},
        {"email": 1, "password": "x"},
        {"email": "a@b.test", "password": None},
        {"email": "a@b.test", "password": ["x"]},
        {"email": "a@b.test", "password": "x", "account": "y"},
    ],
)
def test_log_in_body_is_validated(anonymous: Caller, body: dict[str, Any]) -> None:
    expect_invalid(anonymous.post("/auth/token", json=body))


@contract("4.same-answer", "2.401-bad")
@by_password
def test_wrong_email_and_wrong_password_get_the_same_answer(anonymous: Caller, seed: Seed) -> None:
    answers = [
        anonymous.post("/auth/token", json={"email": email, "password": password})
        for email, password in (
            (seed.email, "wrong password"),
            ("nobody@nowhere.test", seed.password),
            ("nobody@nowhere.test", "wrong password"),
        )
    ]
    bodies = [expect(answer, 401) for answer in answers]
    assert len({body["error"] for body in bodies}) == 1
    assert len({tuple(sorted(body)) for body in bodies}) == 1
    headers = [set(answer.headers) for answer in answers]
    assert headers[0] == headers[1] == headers[2]


@contract("4.same-time")
@by_password
def test_wrong_email_and_wrong_password_take_the_same_time(service: Service, seed: Seed) -> None:
    def timed(email: str) -> float:
        caller = service.anonymous()
        start = time.perf_counter()
        expect(caller.post("/auth/token", json={"email": email, "password": "wrong one"}), 401)
        return time.perf_counter() - start

    timed(seed.email)
    known, unknown = [], []
    # By turns, and the middle one of each: one try may have all processors to itself, and be twice
    # as quick as any other. A busy machine is asked longer.
    for number in range(36):
        known.append(timed(seed.email))
        unknown.append(timed(f"nobody-{number}@nowhere.test"))
        if number >= 8 and 0.7 < median(known) / median(unknown) < 1.4:
            return
    raise AssertionError(f"known {known}, unknown {unknown}")


@contract("4.refresh-rotates")
@by_password
def test_refresh_gives_new_tokens(
    service: Service, anonymous: Caller, seed: Seed, first: Collection
) -> None:
    old = service.log_in(seed)
    new = expect(refresh(anonymous, old["refreshToken"]), 200)["data"]
    assert set(new) == {"accessToken", "tokenType", "expiresIn", "refreshToken"}
    assert new["refreshToken"] != old["refreshToken"]
    bearer = anonymous.with_headers(Authorization=f"Bearer {new['accessToken']}")
    expect(bearer.get(first.url), 200)
    newest = expect(refresh(anonymous, new["refreshToken"]), 200)["data"]
    assert newest["refreshToken"] not in (old["refreshToken"], new["refreshToken"])


@contract("4.refresh-reuse")
@by_password
def test_an_old_refresh_token_revokes_its_family_and_no_other(
    service: Service, anonymous: Caller, seed: Seed
) -> None:
    family, other = service.log_in(seed), service.log_in(seed)
    second = expect(refresh(anonymous, family["refreshToken"]), 200)["data"]
    third = expect(refresh(anonymous, second["refreshToken"]), 200)["data"]
    expect(refresh(anonymous, family["refreshToken"]), 401)
    expect(refresh(anonymous, third["refreshToken"]), 401)
    expect(refresh(anonymous, second["refreshToken"]), 401)
    expect(refresh(anonymous, other["refreshToken"]), 200)


@contract("4.refresh-one-wins")
@by_password
def test_of_concurrent_refreshes_one_wins(service: Service, seed: Seed) -> None:
    for _ in range(3):
        token = service.log_in(seed)["refreshToken"]
        caller = service.anonymous()
        answers = together([partial(refresh, caller, token)] * 12)
        assert sorted(one.status_code for one in answers) == [200] + [401] * 11


@contract("4.refresh-rotates", "2.401-bad")
@by_password
def test_made_up_refresh_tokens_are_refused(
    service: Service, anonymous: Caller, seed: Seed
) -> None:
    data = service.log_in(seed)
    for made_up in ("x", "x" * 43, data["refreshToken"] + "x", "a.b.c", "ü"):
        expect(refresh(anonymous, made_up), 401)
    assert refresh(anonymous, data["accessToken"]).status_code in (400, 401)
    for body in ({}, {"refreshToken": 1}, {"refreshToken": data["refreshToken"], "more": 1}):
        expect_invalid(anonymous.post("/auth/refresh", json=body))
    expect(refresh(anonymous, data["refreshToken"]), 200)


@contract("4.bearer", "2.401-bad")
@by_password
def test_a_refresh_token_is_no_access_token(
    service: Service, anonymous: Caller, seed: Seed, first: Collection
) -> None:
    data = service.log_in(seed)
    bearer = anonymous.with_headers(Authorization=f"Bearer {data['refreshToken']}")
    expect(bearer.get(first.url), 401)


@contract("4.refresh-rotates", "4.refresh-reuse")
@by_password
@pytest.mark.applies(strict=True)
def test_rotation_holds_for_every_process(service: Service, strict: Service, seed: Seed) -> None:
    here, there = service.anonymous(), strict.anonymous()
    old = service.log_in(seed)["refreshToken"]
    new = expect(refresh(there, old), 200)["data"]["refreshToken"]
    expect(refresh(here, old), 401)
    expect(refresh(there, new), 401)
