"""Section 6: a sync's life, from 202 to what it wrote. The suite plays the upstream."""

import itertools
import threading
import time
from typing import Any

import pytest

from suite.checks import expect, expect_invalid, is_uuid, moment
from suite.httpd import Answer
from suite.openapi import UNKNOWN_ID
from suite.tenants import Tenants
from suite.upstream import Upstream, found
from suite.users import User
from suite.waiting import together, wait_for

contract = pytest.mark.contract


@pytest.fixture
def sync_url(tenants: Tenants) -> str:
    return f"/integrations/{tenants.integration}/sync"


def start(user: User, sync_url: str) -> dict[str, Any]:
    body: dict[str, Any] = expect(
        user.post(sync_url, json={"mainEntityId": user.seed.main_id}), 202
    )
    return body


def job(user: User, job_id: str) -> dict[str, Any]:
    data: dict[str, Any] = expect(user.get(f"/jobs/{job_id}"), 200)["data"]
    return data


def ended(user: User, job_id: str, within: float = 20) -> dict[str, Any]:
    def done() -> dict[str, Any] | None:
        now = job(user, job_id)
        return now if now["status"] in ("completed", "failed") else None

    return wait_for(done, f"the end of job {job_id}", within) or {}


def main_row(user: User, tenants: Tenants) -> dict[str, Any]:
    return next(one for one in user.rows(f"/{tenants.mains}") if one["id"] == user.seed.main_id)


@pytest.fixture
def quiet(owner: User, upstream: Upstream, sync_url: str) -> User:
    """A tenant without a pending job, and a circuit that a success has just closed."""
    upstream.answers(owner.seed.main_id, [found()])
    wait_for(
        lambda: ended(owner, start(owner, sync_url)["jobId"])["status"] == "completed",
        "a closed circuit",
        within=20,
    )
    return owner


@contract("5.sync", "2.job-body", "5.job", "0.times")
def test_a_sync_is_queued_and_completes(quiet: User, upstream: Upstream, sync_url: str) -> None:
    upstream.answers(quiet.seed.main_id, [found(healthScore=77)])
    body = start(quiet, sync_url)
    assert set(body) == {"success", "jobId", "status"}
    assert body["success"] is True
    assert is_uuid(body["jobId"])
    assert body["status"] in ("queued", "active")
    done = ended(quiet, body["jobId"])
    assert done["id"] == body["jobId"]
    assert done["status"] == "completed"
    assert done["attempts"] == 1
    assert done.get("error") is None
    assert moment(done["createdAt"]) <= moment(done["finishedAt"])
    fields = {"id", "type", "status", "attempts", "error", "createdAt", "finishedAt"}
    assert set(done) <= fields
    assert set(done) >= fields - {"error", "finishedAt"}


@contract("6.one-get", "6.bearer")
def test_a_sync_makes_one_get_with_the_key(
    quiet: User, upstream: Upstream, tenants: Tenants, sync_url: str
) -> None:
    upstream.answers(quiet.seed.main_id, [found()])
    ended(quiet, start(quiet, sync_url)["jobId"])
    (call,) = upstream.calls(quiet.seed.main_id)
    assert call.method == "GET"
    assert call.path == f"{upstream.base_path}/{tenants.mains}/{quiet.seed.main_id}"
    assert call.headers["authorization"] == f"Bearer {tenants.integration_setting('API_KEY')}"


@contract("6.last-synced", "6.health-score")
def test_a_sync_writes_what_it_found(
    quiet: User, upstream: Upstream, tenants: Tenants, sync_url: str
) -> None:
    before = main_row(quiet, tenants)
    score = ((before["healthScore"] or 0) + 7) % 101
    upstream.answers(quiet.seed.main_id, [found(healthScore=score, name="other", more=[1])])
    ended(quiet, start(quiet, sync_url)["jobId"])
    row = main_row(quiet, tenants)
    assert row["healthScore"] == score
    assert row["name"] == before["name"]
    assert moment(row["lastSyncedAt"]) > moment(before["lastSyncedAt"])
    upstream.answers(quiet.seed.main_id, [found(name="no score")])
    ended(quiet, start(quiet, sync_url)["jobId"])
    again = main_row(quiet, tenants)
    assert again["healthScore"] == score
    assert moment(again["lastSyncedAt"]) > moment(row["lastSyncedAt"])


@contract("5.sync-pending", "6.only-jobs", "6.one-get")
def test_while_one_is_pending_the_same_request_gives_the_same_job(
    quiet: User, upstream: Upstream, tenants: Tenants, sync_url: str
) -> None:
    held = threading.Event()
    try:
        upstream.answers(quiet.seed.main_id, [Answer(200, hold=held)])
        asked = time.monotonic()
        answers = together([lambda: start(quiet, sync_url)] * 8)
        # The upstream has not answered, yet all of them are answered.
        assert time.monotonic() - asked < tenants.settings.seconds("HTTP_CLIENT_TIMEOUT_MS")
        wait_for(lambda: upstream.calls(quiet.seed.main_id), "the call")
        answers.append(start(quiet, sync_url))
    finally:
        held.set()
    (job_id,) = {answer["jobId"] for answer in answers}
    assert {answer["status"] for answer in answers} <= {"queued", "active"}
    assert ended(quiet, job_id)["status"] == "completed"
    assert len(upstream.calls(quiet.seed.main_id)) == 1
    assert start(quiet, sync_url)["jobId"] != job_id


@contract("5.sync-404")
def test_404_unknown_integration_or_row(owner: User, sync_url: str) -> None:
    known = {"mainEntityId": owner.seed.main_id}
    expect(owner.post("/integrations/nothing/sync", json=known), 404)
    expect(owner.post(sync_url, json={"mainEntityId": UNKNOWN_ID}), 404)
    expect(owner.get(f"/jobs/{UNKNOWN_ID}"), 404)


@contract("5.sync", "2.400-schema")
@pytest.mark.parametrize("body", [{}, {"mainEntityId": None}, {"mainEntityId": 1}])
def test_400_without_a_row(owner: User, sync_url: str, body: dict[str, Any]) -> None:
    expect_invalid(owner.post(sync_url, json=body), "mainEntityId")


@contract("6.attempts", "6.backoff", "6.circuit-4xx", "5.job")
def test_a_job_fails_after_its_attempts_with_doubling_waits(
    quiet: User, upstream: Upstream, tenants: Tenants, sync_url: str
) -> None:
    attempts = tenants.settings.number("QUEUE_MAX_ATTEMPTS")
    wait = tenants.settings.seconds("QUEUE_BACKOFF_MS")
    before = main_row(quiet, tenants)
    upstream.answers(quiet.seed.main_id, [Answer(404)])
    failed = ended(quiet, start(quiet, sync_url)["jobId"])
    assert (failed["status"], failed["attempts"]) == ("failed", attempts)
    assert isinstance(failed["error"], str)
    assert failed["error"]
    assert moment(failed["finishedAt"]) > moment(failed["createdAt"])
    calls = upstream.calls(quiet.seed.main_id)
    assert len(calls) == attempts
    gaps = [later.at - earlier.at for earlier, later in itertools.pairwise(calls)]
    for number, gap in enumerate(gaps):
        assert wait * 2**number * 0.9 <= gap <= wait * 2**number + 3, gaps
    assert main_row(quiet, tenants) == before
    # As many calls have failed as open a circuit by now, but none that counts.
    threshold = tenants.settings.number("CIRCUIT_FAILURE_THRESHOLD")
    failed_calls = attempts
    while failed_calls <= threshold:
        ended(quiet, start(quiet, sync_url)["jobId"])
        failed_calls += attempts
    upstream.answers(quiet.seed.main_id, [found()])
    asked = time.monotonic()
    assert ended(quiet, start(quiet, sync_url)["jobId"])["status"] == "completed"
    assert time.monotonic() - asked < tenants.settings.seconds("CIRCUIT_RESET_MS")


@contract("6.attempts")
def test_a_failed_job_is_followed_by_a_new_one(
    quiet: User, upstream: Upstream, sync_url: str
) -> None:
    upstream.answers(quiet.seed.main_id, [Answer(404)])
    failed = ended(quiet, start(quiet, sync_url)["jobId"])
    upstream.answers(quiet.seed.main_id, [found()])
    again = start(quiet, sync_url)["jobId"]
    assert again != failed["id"]
    assert ended(quiet, again)["status"] == "completed"
    assert job(quiet, failed["id"]) == failed


@contract("6.attempts")
def test_a_job_completes_on_a_later_attempt(quiet: User, upstream: Upstream, sync_url: str) -> None:
    upstream.answers(quiet.seed.main_id, [Answer(404), found()])
    done = ended(quiet, start(quiet, sync_url)["jobId"])
    assert (done["status"], done["attempts"]) == ("completed", 2)


@contract("6.retries-5xx")
@pytest.mark.parametrize("status", [500, 502, 503])
def test_a_5xx_is_retried_within_the_attempt(
    quiet: User, upstream: Upstream, sync_url: str, status: int
) -> None:
    upstream.answers(quiet.seed.main_id, [Answer(status), found()])
    done = ended(quiet, start(quiet, sync_url)["jobId"])
    assert (done["status"], done["attempts"]) == ("completed", 1)
    assert len(upstream.calls(quiet.seed.main_id)) == 2


@contract("6.retries-network")
def test_a_broken_connection_is_retried_within_the_attempt(
    quiet: User, upstream: Upstream, sync_url: str
) -> None:
    upstream.answers(quiet.seed.main_id, [Answer(hang_up=True), found()])
    done = ended(quiet, start(quiet, sync_url)["jobId"])
    assert (done["status"], done["attempts"]) == ("completed", 1)
    assert len(upstream.calls(quiet.seed.main_id)) == 2


@contract("6.timeout")
def test_a_call_that_takes_too_long_is_given_up(
    quiet: User, upstream: Upstream, tenants: Tenants, sync_url: str
) -> None:
    held = threading.Event()
    try:
        upstream.answers(quiet.seed.main_id, [Answer(200, hold=held), found()])
        done = ended(quiet, start(quiet, sync_url)["jobId"])
    finally:
        held.set()
    assert done["status"] == "completed"
    first, second = upstream.calls(quiet.seed.main_id)
    timeout = tenants.settings.seconds("HTTP_CLIENT_TIMEOUT_MS")
    assert timeout * 0.9 <= second.at - first.at <= timeout + 3


@contract("6.retries-429")
def test_a_429_is_retried_when_the_upstream_says(
    quiet: User, upstream: Upstream, sync_url: str
) -> None:
    busy = Answer(429, headers={"Retry-After": "2"})
    upstream.answers(quiet.seed.main_id, [busy, found()])
    done = ended(quiet, start(quiet, sync_url)["jobId"])
    assert done["status"] == "completed"
    first, second = upstream.calls(quiet.seed.main_id)
    assert 1.95 <= second.at - first.at <= 6


@contract("6.one-get")
def test_an_upstream_that_redirects_is_not_followed_with_the_key(
    quiet: User, upstream: Upstream, sync_url: str
) -> None:
    elsewhere = f"{upstream.base_path}/elsewhere/{UNKNOWN_ID}"
    upstream.answers(UNKNOWN_ID, [found()])
    upstream.answers(quiet.seed.main_id, [Answer(302, headers={"Location": elsewhere}), found()])
    ended(quiet, start(quiet, sync_url)["jobId"])
    assert upstream.calls(UNKNOWN_ID) == []
