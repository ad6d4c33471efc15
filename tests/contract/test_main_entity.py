"""Section 5: the main entity's health score."""

from typing import Any

import pytest

from conftest import Login
from suite.checks import expect, expect_invalid, moment
from suite.openapi import UNKNOWN_ID
from suite.tenants import Tenants
from suite.users import Spares, User

contract = pytest.mark.contract


@pytest.fixture
def mains(tenants: Tenants) -> str:
    return f"/{tenants.mains}"


def listed(user: User, mains: str, below: int) -> list[str]:
    return [row["id"] for row in user.rows(mains, healthBelow=below)]


@contract("5.health-score")
@pytest.mark.parametrize("score", [0, 1, 50, 100])
def test_put_writes_the_score_and_answers_the_row(owner: User, mains: str, score: int) -> None:
    seed = owner.seed
    answer = owner.put(f"{mains}/{seed.main_id}/health-score", json={"score": score})
    row = expect(answer, 200)["data"]
    assert (row["id"], row["name"], row["healthScore"]) == (seed.main_id, seed.main_name, score)
    assert row["accountId"] == seed.account_id
    moment(row["updatedAt"])
    found = [one for one in owner.rows(mains) if one["id"] == seed.main_id]
    assert found == [row]


@contract("5.health-score", "2.400-schema")
@pytest.mark.parametrize("score", [-1, 101, 50.5, "50", None, True, [], {}, 1e300])
def test_400_other_scores(owner: User, mains: str, score: Any) -> None:
    url = f"{mains}/{owner.seed.main_id}/health-score"
    before = expect(owner.put(url, json={"score": 33}), 200)["data"]
    expect_invalid(owner.put(url, json={"score": score}), "score")
    assert [one for one in owner.rows(mains) if one["id"] == before["id"]] == [before]


@contract("5.health-score", "2.404-row")
def test_404_unknown_row(owner: User, mains: str) -> None:
    for wrong in (UNKNOWN_ID, "not-a-uuid"):
        expect(owner.put(f"{mains}/{wrong}/health-score", json={"score": 1}), 404)


@contract("5.health-below")
def test_health_below_is_strict(owner: User, mains: str) -> None:
    seed = owner.seed
    for score in (0, 42, 100):
        expect(owner.put(f"{mains}/{seed.main_id}/health-score", json={"score": score}), 200)
        assert seed.main_id not in listed(owner, mains, score)
        if score < 100:
            assert seed.main_id in listed(owner, mains, score + 1)


@contract("5.health-below")
def test_rows_without_a_score_are_left_out(log_in: Login, spares: Spares, mains: str) -> None:
    seed = spares.untouched
    user = log_in(seed)
    row = next(one for one in user.rows(mains) if one["id"] == seed.main_id)
    assert row["healthScore"] is None
    assert seed.main_id not in listed(user, mains, 100)
