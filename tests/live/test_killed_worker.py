"""Sections 6 and 7: killing the worker at any point, or losing the queue, loses nothing."""

import threading
import time

from harness import Service
from harness.console import say
from suite.endpoints import Endpoint, Registry, types_of
from suite.httpd import Answer
from suite.receiver import Receiver
from suite.upstream import Upstream, found
from suite.users import User
from suite.waiting import wait_for

from .people import job, job_end, log_in, start_job
from .queue_server import forget
from .stack import Stack, upstream_url

# Far over any lease: these only end a wait that would never end.
RESCUE_SECONDS = 180


def _main_row(stack: Stack, user: User) -> dict[str, object]:
    rows = user.rows(f"/{stack.shape['mains']}")
    return next(row for row in rows if row["id"] == user.seed.main_id)


def test_a_job_survives_a_killed_worker(service: Service, stack: Stack) -> None:
    api = service.start_api()
    worker = service.start_worker(HTTP_CLIENT_TIMEOUT_MS="60000")
    user = log_in(stack, api, stack.seed(service))
    held = Answer(hold=threading.Event(), hold_at_most=30)
    with Upstream(upstream_url(stack, service)) as upstream:
        upstream.script(user.seed.main_id, [held])
        job_id = start_job(stack, user)
        wait_for(lambda: upstream.calls(user.seed.main_id), "the job's call", within=20)
        worker.kill()
        assert held.hold is not None
        held.hold.set()
        assert job(user, job_id)["status"] in ("active", "queued")
        upstream.script(user.seed.main_id, [found(healthScore=64)])
        service.start_worker("worker-2")
        began = time.monotonic()
        assert job_end(user, job_id, RESCUE_SECONDS)["status"] == "completed"
        say(f"    the job was done {time.monotonic() - began:.0f} s after the next worker's start")
        assert _main_row(stack, user)["healthScore"] == 64


def test_a_job_survives_a_queue_that_forgets(
    service: Service, stack: Stack, urls: dict[str, str]
) -> None:
    api = service.start_api()
    user = log_in(stack, api, stack.seed(service))
    with Upstream(upstream_url(stack, service)) as upstream:
        upstream.script(user.seed.main_id, [found(healthScore=37)])
        job_id = start_job(stack, user)
        forget(urls)
        service.start_worker()
        began = time.monotonic()
        assert job_end(user, job_id, RESCUE_SECONDS)["status"] == "completed"
        say(f"    the job was done {time.monotonic() - began:.0f} s after the worker's start")
    assert _main_row(stack, user)["healthScore"] == 37


def _delivered(endpoint: Endpoint, rows: list[dict[str, object]], within: float) -> None:
    wanted = {row["id"] for row in rows}

    def arrived() -> bool:
        return {event["data"]["id"] for event in endpoint.mailbox.events} >= wanted

    wait_for(arrived, f"events of {len(wanted)} rows", within)


def test_an_event_survives_a_killed_worker(service: Service, stack: Stack) -> None:
    api = service.start_api()
    worker = service.start_worker(WEBHOOK_TIMEOUT_MS="8000")
    user = log_in(stack, api, stack.seed(service))
    first = user.collections[0]
    held = Answer(hold=threading.Event(), hold_at_most=30)
    with Receiver() as receiver:
        endpoint = Registry(receiver).register(user, types_of(first, "created"), held)
        row = user.create(first)
        (cut_off,) = endpoint.mailbox.wait_for_calls(1)
        worker.kill()
        endpoint.mailbox.answers(Answer(204, b""))
        assert held.hold is not None
        held.hold.set()
        service.start_worker("worker-2")
        began = time.monotonic()
        endpoint.delivery("delivered", RESCUE_SECONDS)
        say(f"    delivered {time.monotonic() - began:.0f} s after the next worker's start")
        _delivered(endpoint, [row], within=1)
        again = endpoint.mailbox.calls[-1]
        assert again.headers["webhook-id"] == cut_off.headers["webhook-id"]


def test_a_private_address_is_refused_again_at_sending(service: Service, stack: Stack) -> None:
    """Registered where that was allowed, then sent by a worker that does not allow it."""
    api = service.start_api()
    service.start_worker(WEBHOOK_ALLOW_PRIVATE="false")
    user = log_in(stack, api, stack.seed(service))
    with Receiver() as receiver:
        endpoint = Registry(receiver).register(user, types_of(user.collections[0], "created"))
        user.create(user.collections[0])
        failed = endpoint.delivery("failed", within=60)
        assert failed["lastStatusCode"] is None
        assert failed["lastError"]
        assert endpoint.mailbox.calls == []
