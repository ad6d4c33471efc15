"""Sections 3, 5, 6, 7 and 9: parts die in the middle of work under load, and nothing is lost.

The servers are the instance that keeps its data (`make services`), with fsync as shipped. SIGKILL
takes a process and leaves what it had handed to the kernel; a power cut is not what this shows.
"""

import threading
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from functools import partial

import pytest

from harness import Project, Service, tally
from harness.console import say
from harness.waiting import free_port
from suite.checks import limit_headers
from suite.endpoints import Endpoint, Registry, types_of
from suite.httpd import Answer
from suite.receiver import Receiver
from suite.tenants import Collection
from suite.upstream import Upstream, found
from suite.waiting import together, wait_for

from .books import Balance, Books
from .load import OUTAGE, Account, Load
from .rig import SERVERS, Rig
from .stack import Stack, boot_settings, upstream_url

# Entities and paths make no difference here; loggers and limiters do.
pytestmark = pytest.mark.stacks("default answers", "a domain of its own")

SETTINGS = {
    "DB_TIMEOUT_MS": "2000",
    "RATE_LIMIT_AUTHENTICATED_PER_MINUTE": "1000000",
    "RATE_LIMIT_PUBLIC_PER_MINUTE": "60",
    # A busy machine makes the test's own receivers slow; that is no failure of the service's.
    "HTTP_CLIENT_TIMEOUT_MS": "30000",
    "WEBHOOK_TIMEOUT_MS": "5000",
    "WEBHOOK_MAX_ATTEMPTS": "20",
}
PUBLIC_LIMIT = int(SETTINGS["RATE_LIMIT_PUBLIC_PER_MINUTE"])
# A stranger of nobody else's.
ADDRESS = "203.0.113.77"
# What the requests may take: they all belong to one window.
WINDOW_SECONDS = 15
# Long enough that a kill meets jobs and deliveries that are being worked on.
UPSTREAM_SECONDS = 0.15
RECEIVER_SECONDS = 0.25
BEFORE, MEANWHILE, AFTER = 80, 60, 80
PROGRESS_SECONDS = 120


@pytest.fixture(scope="module")
def rig(stack: Stack, ready: Project, urls: dict[str, str]) -> Iterator[Rig]:
    settings = boot_settings(stack, free_port()) | SETTINGS
    service = Service(ready, stack.logs / "kills", urls, settings)
    try:
        yield Rig(stack, service, ready)
        assert set(service.stop().values()) == {0}
    finally:
        service.kill()
    stack.check_logs(service)


SINGLE = ["api-1", "worker-1", "queue-forgets", "database"]
PAIRS = [("api", "worker"), ("worker", "database"), ("queue", "database"), ("api-1", "queue")]


@pytest.mark.parametrize("part", SINGLE)
def test_a_part_is_killed_under_load(rig: Rig, part: str) -> None:
    _kill_under_load(rig, part)


@pytest.mark.stacks("default answers")
@pytest.mark.parametrize("parts", PAIRS, ids="+".join)
def test_two_parts_are_killed_at_once_under_load(rig: Rig, parts: tuple[str, str]) -> None:
    _kill_under_load(rig, *parts)


def test_two_of_each_work_side_by_side(rig: Rig) -> None:
    """Nothing dies: then no job runs twice, no event is sent twice and no place is given twice."""
    with _scene(rig) as scene:
        with scene.load.running():
            _until(scene.load, "accepted", BEFORE)
            _takes_its_places(rig)
            _until(scene.load, "accepted", AFTER)
        balance = scene.books.balance()
    _tell("none", scene.load, balance, kills=0)
    assert set(scene.load.answers) <= {200, 201, 202}, scene.load.answers
    assert not scene.load.broken, scene.load.broken
    assert (balance.rerun, balance.resent) == (0, 0)


def _kill_under_load(rig: Rig, *parts: str) -> None:
    with _scene(rig) as scene:
        load = scene.load
        with load.running():
            _until(load, "accepted", BEFORE)
            kills = rig.kill(*parts)
            _until(load, "sent", MEANWHILE)
            rig.bring_back(*parts)
            _until(load, "accepted", AFTER)
        balance = scene.books.balance()
    _tell(" + ".join(parts), load, balance, kills)
    assert set(load.broken) <= rig.addresses(*parts), f"out of reach: {load.broken}"
    assert load.answers.keys() <= {200, 201, 202, *OUTAGE}
    refused = load.refused.keys()
    if "database" in parts:
        assert refused
    elif any(part.startswith(SERVERS) for part in parts):
        # Events wait in the database: nothing but a job is refused for the queue's sake.
        assert refused == {f"{rig.stack.prefix}{load.sync_url}"}
    else:
        assert not refused


@dataclass
class Scene:
    load: Load
    books: Books


@contextmanager
def _scene(rig: Rig) -> Iterator[Scene]:
    """Receivers and an upstream that take their time, so that a kill meets work in progress."""
    load, collection = rig.load(), rig.collection
    slow = Answer(204, b"", hold=threading.Event(), hold_at_most=RECEIVER_SECONDS)
    with (
        Receiver() as receiver,
        Upstream(upstream_url(rig.stack, rig.service)) as upstream,
    ):
        registry = Registry(receiver)
        try:
            endpoints = [
                _endpoints(registry, collection, account, slow) for account in load.accounts
            ]
            for account in load.accounts:
                score = found(healthScore=account.score)
                held = replace(score, hold=threading.Event(), hold_at_most=UPSTREAM_SECONDS)
                for main_id in account.mains:
                    upstream.answers(main_id, [held])
            yield Scene(load, Books(load, endpoints, upstream, rig.owner_url))
        finally:
            # Left there, they would have events that wait for a receiver that is gone.
            registry.clear()


def _endpoints(
    registry: Registry, collection: Collection, account: Account, slow: Answer
) -> list[Endpoint]:
    user = account.users[0]
    return [
        registry.register(user, types_of(collection, "created", "updated"), slow),
        registry.register(user, types_of(collection, "created"), slow),
    ]


def _until(load: Load, what: str, more: int) -> None:
    """So many more requests have been sent, or accepted."""
    enough = getattr(load, what) + more

    def reached() -> bool:
        load.check()
        return bool(getattr(load, what) >= enough)

    wait_for(reached, f"{more} more requests {what}", PROGRESS_SECONDS)


def _takes_its_places(rig: Rig) -> None:
    """Exactly as many strangers of one address as its limit has places, at whatever process."""
    strangers = [user.service.anonymous(ADDRESS) for user in rig.at_both(rig.users[0])]
    _, remaining, reset = limit_headers(strangers[0].get(rig.collection.url))
    if reset - time.time() < WINDOW_SECONDS:
        time.sleep(reset - time.time() + 0.5)
        remaining = PUBLIC_LIMIT
    tries = 3 * PUBLIC_LIMIT
    requests = [partial(strangers[n % 2].get, rig.collection.url) for n in range(tries)]
    statuses = Counter(answer.status_code for answer in together(requests, threads=20))
    assert statuses == {401: remaining, 429: tries - remaining}


def _tell(what: str, load: Load, balance: Balance, kills: int) -> None:
    answers = ", ".join(f"{n} × {status}" for status, n in sorted(load.answers.items()))
    say(
        f"    killed {what}: {load.sent} sent ({answers}, {load.broken.total()} broken,"
        f" {load.hung_up} hung up), {load.accepted} accepted, {load.replayed} of them by replay,"
        f" {balance.lost} lost, {balance.doubled} doubled;"
        f" {balance.resent} events resent, {balance.rerun} calls repeated"
    )
    tally.count(
        "kills",
        kills=kills,
        sent=load.sent,
        accepted=load.accepted,
        lost=balance.lost,
        doubled=balance.doubled,
    )
    assert not balance.wrong, "\n".join(balance.wrong)
