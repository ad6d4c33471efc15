"""Section 6: the story of one outage of the upstream, told once and asked many times."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import partial
from threading import Event
from typing import Any

import httpx2
import pytest

from conftest import Login
from suite.httpd import Answer, Call
from suite.metrics import Metrics
from suite.tenants import Tenants
from suite.upstream import Upstream, found
from suite.users import Spares, User
from suite.waiting import holds_until, wait_for
from test_jobs import ended, job, start

contract = pytest.mark.contract


@dataclass
class Outage:
    """What was seen."""

    states: dict[str, float] = field(default_factory=dict)
    failed_calls: list[Call] = field(default_factory=list)
    while_open: dict[str, Any] = field(default_factory=dict)
    probe: Call | None = None
    calls_during_probe: int = 0
    after_failed_probe: Call | None = None
    recovered: list[dict[str, Any]] = field(default_factory=list)


def state(tenants: Tenants) -> float:
    text = httpx2.get(tenants.worker_metrics_url, trust_env=False).text
    return Metrics(text).total("circuit_breaker_state", integration=tenants.integration)


@pytest.fixture(scope="module")
def outage(log_in: Login, spares: Spares, upstream: Upstream, tenants: Tenants) -> Iterator[Outage]:
    sync_url = f"/integrations/{tenants.integration}/sync"
    first, second, third = (log_in(spares.next()) for _ in range(3))
    ids = [user.seed.main_id for user in (first, second, third)]
    threshold = tenants.settings.number("CIRCUIT_FAILURE_THRESHOLD")
    reset = tenants.settings.seconds("CIRCUIT_RESET_MS")
    held = Event()
    story = Outage()

    def all_answer(*script: Answer) -> None:
        for one in ids:
            upstream.script(one, script)

    def calls() -> list[Call]:
        return upstream.calls(*ids)

    def settled(user: User) -> bool:
        return bool(ended(user, start(user, sync_url)["jobId"])["status"] == "completed")

    try:
        for user, one in zip((first, second, third), ids, strict=True):
            upstream.answers(one, [found()])
            wait_for(partial(settled, user), "a closed circuit", within=20)
            upstream.answers(one, [found()])
        wait_for(lambda: state(tenants) == 0, "state closed")
        story.states["before"] = state(tenants)

        all_answer(Answer(503))
        start(first, sync_url)
        wait_for(lambda: len(calls()) >= threshold, "the failures", within=20)
        wait_for(lambda: state(tenants) == 2, "state open")
        waiting = start(second, sync_url)["jobId"]
        opened = calls()[threshold - 1].at
        holds_until(lambda: len(calls()) == threshold, opened + reset * 0.7, "no call while open")
        story.failed_calls = calls()
        story.while_open = job(second, waiting)
        story.states["open"] = state(tenants)

        wait_for(lambda: len(calls()) > threshold, "the probe", within=20)
        story.probe = calls()[threshold]
        assert story.probe.at - opened >= reset * 0.95, "the probe came early"
        again = story.probe.at + reset * 0.9
        holds_until(lambda: len(calls()) == threshold + 1, again, "a failed probe opens it again")

        all_answer(Answer(200, hold=held))
        wait_for(lambda: len(calls()) > threshold + 1, "the second probe", within=20)
        story.after_failed_probe = calls()[threshold + 1]
        late = start(third, sync_url)["jobId"]
        story.states["probing"] = state(tenants)
        enough = story.after_failed_probe.at + 0.9
        holds_until(lambda: len(calls()) == threshold + 2, enough, "one probe only")
        story.calls_during_probe = len(calls()) - threshold - 1
        all_answer(found())
        held.set()
        story.recovered = [ended(second, waiting), ended(third, late)]
        wait_for(lambda: state(tenants) == 0, "state closed")
        story.states["after"] = state(tenants)
        yield story
    finally:
        held.set()
        all_answer(found())


@contract("6.circuit-opens")
def test_it_opens_after_so_many_single_calls_in_a_row(outage: Outage, tenants: Tenants) -> None:
    assert len(outage.failed_calls) == tenants.settings.number("CIRCUIT_FAILURE_THRESHOLD")


@contract("6.circuit-no-call", "6.circuit-waits")
def test_while_open_a_job_waits_without_an_attempt(outage: Outage) -> None:
    assert outage.while_open["status"] in ("queued", "active")
    assert outage.while_open["attempts"] == 0


@contract("6.circuit-probe")
def test_one_probe_is_made_and_a_failed_one_opens_it_again(
    outage: Outage, tenants: Tenants
) -> None:
    assert outage.probe is not None
    assert outage.after_failed_probe is not None
    reset = tenants.settings.seconds("CIRCUIT_RESET_MS")
    assert outage.after_failed_probe.at - outage.probe.at >= reset * 0.95
    assert outage.calls_during_probe == 1


@contract("6.circuit-waits", "6.circuit-probe")
def test_the_jobs_that_waited_complete_afterwards(outage: Outage) -> None:
    assert [one["status"] for one in outage.recovered] == ["completed", "completed"]
    assert outage.recovered[1]["attempts"] == 1


@contract("8.circuit-state")
def test_the_metric_tells_the_state(outage: Outage) -> None:
    assert outage.states == {"before": 0, "open": 2, "probing": 1, "after": 0}
