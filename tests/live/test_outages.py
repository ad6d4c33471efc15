"""Sections 3, 5, 6 and 9: the database, Redis or the queue goes away, and comes back."""

import json
import time
from typing import Any

import httpx2
import pytest

from harness import Gate, Project, Service, start_services
from harness.console import say
from harness.service import START_SECONDS, Api
from suite.checks import expect
from suite.metrics import Metrics
from suite.users import User
from suite.waiting import wait_for

from .database import ask, locked
from .people import job_end, log_in, start_job, sync_url
from .queue_server import queue_setting
from .stack import Stack

# Entities and paths make no difference here; loggers and limiters do.
pytestmark = pytest.mark.stacks("default answers", "a domain of its own")

DB_TIMEOUT_MS = "1500"
# One second more is promised; what a busy machine adds is not the service's fault.
ANSWER_SECONDS = 6
# Away: 503. There, but silent: it timed out, or cannot be reached.
SAID = {"shut": {503}, "jam": {503, 504}}
RECOVERY_SECONDS = 30
JOBS = "SELECT id FROM jobs"


def _readiness(api: Api) -> tuple[int, dict[str, Any]]:
    answer = httpx2.get(f"{api.base_url}/health/ready", timeout=30, trust_env=False)
    return answer.status_code, answer.json()


def _recovers(api: Api) -> None:
    wait_for(lambda: api.status("/health/ready") == 200, "ready again", RECOVERY_SECONDS)


def _counts(user: User) -> bool:
    """Whether a request takes a place; without Redis none does."""
    headers = user.get(user.collections[0].url).headers
    return int(headers["X-RateLimit-Remaining"]) < int(headers["X-RateLimit-Limit"])


@pytest.mark.parametrize("outage", ["shut", "jam"])
def test_the_database_goes_away(
    service: Service, stack: Stack, gates: dict[str, Gate], outage: str
) -> None:
    api = service.start_api(DB_TIMEOUT_MS=DB_TIMEOUT_MS)
    user = log_in(stack, api, stack.owner(service))
    url = user.collections[0].url
    row = user.create(user.collections[0])
    getattr(gates["DATABASE_URL"], outage)()
    for attempt in range(3):
        began = time.monotonic()
        assert user.get(url, timeout=ANSWER_SECONDS).status_code in SAID[outage]
        took = time.monotonic() - began
        say(f"    {outage}, request {attempt + 1}: answered after {took:.2f} s (promised: 2.5)")
    status, body = _readiness(api)
    assert status == 503
    assert body["checks"]["redis"] != body["checks"]["database"], body
    assert api.status("/health/live") == 200
    gates["DATABASE_URL"].open()
    _recovers(api)
    assert expect(user.get(f"{url}/{row['id']}"), 200)["data"] == row
    assert service.stop() == {"api": 0}


def test_a_statement_that_takes_too_long(
    service: Service, stack: Stack, urls: dict[str, str]
) -> None:
    api = service.start_api(DB_TIMEOUT_MS=DB_TIMEOUT_MS)
    user = log_in(stack, api, stack.owner(service))
    first = user.collections[0]
    user.create(first)
    owner = urls.get("MIGRATION_DATABASE_URL", urls["DATABASE_URL"])
    with locked(owner, first.path.replace("-", "_")):
        expect(user.get(first.url, timeout=ANSWER_SECONDS), 504)
        body = user.sampler(first).body()
        expect(user.post(first.url, json=body, timeout=ANSWER_SECONDS), 504)
        assert api.status("/health/ready") == 200
    expect(user.get(first.url), 200)
    assert service.stop() == {"api": 0}


def _rate_limit_failures(api: Api) -> dict[str, float]:
    """Every counter of the rate limit, whatever the service calls the one for failures."""
    metrics = Metrics(httpx2.get(f"{api.base_url}/metrics", trust_env=False).text)
    return {
        sample.name: sum(each.value for each in family.samples if each.name == sample.name)
        for family in metrics.families.values()
        for sample in family.samples
        if sample.name.startswith("rate_limit") and sample.name.endswith("_total")
    }


@pytest.mark.parametrize("outage", ["shut", "jam"])
def test_redis_goes_away(
    service: Service, stack: Stack, gates: dict[str, Gate], outage: str
) -> None:
    api = service.start_api(RATE_LIMIT_AUTHENTICATED_PER_MINUTE="20")
    user = log_in(stack, api, stack.seed(service))
    before = _rate_limit_failures(api)
    getattr(gates["REDIS_URL"], outage)()
    began = time.monotonic()
    for _ in range(25):
        expect(user.get(user.collections[0].url), 200)
    say(f"    {outage}: 25 requests without Redis took {time.monotonic() - began:.1f} s")
    user.create(user.collections[0])
    after = _rate_limit_failures(api)
    counted = [name for name in after if after[name] - before.get(name, 0) >= 26]
    assert counted, f"no counter tells of it: {before} → {after}"
    assert "rate_limit_rejections_total" not in counted
    lines = [json.loads(line) for line in api.stdout.read_text("utf-8").splitlines()]
    assert any("limit" in line["message"] and line["level"] != "info" for line in lines)
    status, body = _readiness(api)
    assert status == 503
    assert body["checks"]["redis"] != body["checks"]["database"], body
    gates["REDIS_URL"].open()
    _recovers(api)
    _is_limited_again(user)
    assert service.stop() == {"api": 0}


def _is_limited_again(user: User) -> None:
    def refused() -> bool:
        return user.get(user.collections[0].url).status_code == 429

    wait_for(refused, "the limit counts again", RECOVERY_SECONDS)


@pytest.mark.stacks("every queue")
@pytest.mark.parametrize("outage", ["shut", "jam"])
def test_the_queue_goes_away(
    service: Service, stack: Stack, urls: dict[str, str], gates: dict[str, Gate], outage: str
) -> None:
    """Work is refused at once and leaves nothing behind; the worker goes on once it is back."""
    api = service.start_api()
    worker = service.start_worker()
    user = log_in(stack, api, stack.seed(service))
    owner = urls.get("MIGRATION_DATABASE_URL", urls["DATABASE_URL"])
    before = set(ask(owner, JOBS))
    gate = gates[queue_setting(urls)]
    getattr(gate, outage)()
    began = time.monotonic()
    body = {"mainEntityId": user.seed.main_id}
    expect(user.post(sync_url(stack), json=body, timeout=ANSWER_SECONDS), 503)
    say(f"    {outage}: refused after {time.monotonic() - began:.2f} s")
    user.create(user.collections[0])
    assert api.status("/health/live") == 200
    assert worker.answers()
    gate.open()
    _recovers(api)
    # Nobody plays the upstream: what counts is that the worker took the job up.
    job_id = start_job(stack, user)
    assert job_end(user, job_id, within=60)["status"] == "failed"
    assert set(ask(owner, JOBS)) - before == {job_id}
    assert service.stop() == {"api": 0, "worker": 0}


@pytest.mark.stacks("default answers")
@pytest.mark.parametrize("outage", ["shut", "jam"])
def test_the_database_is_away_while_they_start(
    service: Service, stack: Stack, gates: dict[str, Gate], outage: str
) -> None:
    owner = stack.owner(service)
    getattr(gates["DATABASE_URL"], outage)()
    api = service.launch_api(DB_TIMEOUT_MS=DB_TIMEOUT_MS)
    worker = service.launch_worker(DB_TIMEOUT_MS=DB_TIMEOUT_MS)
    api.wait_for(lambda: api.status("/health/live") == 200, "the API lives", START_SECONDS)
    assert api.status("/health/ready") == 503
    worker.wait_for(worker.answers, "the worker's metrics answer", START_SECONDS)
    gates["DATABASE_URL"].open()
    _recovers(api)
    user = log_in(stack, api, owner)
    job_id = start_job(stack, user)
    assert job_end(user, job_id, within=60)["status"] == "failed"
    assert service.stop() == {"api": 0, "worker": 0}


@pytest.mark.stacks("every queue")
def test_the_queue_is_away_while_they_start(
    service: Service, stack: Stack, urls: dict[str, str], gates: dict[str, Gate]
) -> None:
    """The first words of a connection are lost, and the process is whole all the same."""
    gate = gates[queue_setting(urls)]
    gate.shut()
    api = service.launch_api()
    worker = service.launch_worker()
    api.wait_for(lambda: api.status("/health/live") == 200, "the API lives", START_SECONDS)
    user = log_in(stack, api, stack.owner(service))
    body = {"mainEntityId": user.seed.main_id}
    expect(user.post(sync_url(stack), json=body, timeout=ANSWER_SECONDS), 503)
    worker.wait_for(worker.answers, "the worker's metrics answer", START_SECONDS)
    gate.open()
    _recovers(api)
    wait_for(lambda: _counts(user), "the limit counts", RECOVERY_SECONDS)
    job_id = start_job(stack, user)
    assert job_end(user, job_id, within=60)["status"] == "failed"
    assert service.stop() == {"api": 0, "worker": 0}


def test_servers_that_restart_are_found_again(
    stack: Stack, ready: Project, urls: dict[str, str], service: Service
) -> None:
    api = service.start_api()
    worker = service.start_worker()
    user = log_in(stack, api, stack.seed(service))
    row = user.create(user.collections[0])
    ready.make("services-stop")
    try:
        assert api.status("/health/ready") == 503
    finally:
        again = start_services(ready)
    assert again == urls, "the servers came back elsewhere"
    _recovers(api)
    assert expect(user.get(f"{user.collections[0].url}/{row['id']}"), 200)["data"] == row
    wait_for(worker.answers, "the worker's metrics", RECOVERY_SECONDS)
    # Nobody plays the upstream: what counts is that the worker took the job up.
    assert job_end(user, start_job(stack, user), within=60)["status"] == "failed"
    assert service.stop() == {"api": 0, "worker": 0}
