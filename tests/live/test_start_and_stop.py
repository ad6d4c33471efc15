"""Section 9: starting, draining, stopping."""

import http.client
import json
import socket
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from urllib.parse import urlsplit

import pytest

from harness import Gate, Service
from harness.console import say
from harness.service import Api
from suite.checks import expect
from suite.httpd import Answer
from suite.upstream import Upstream, found
from suite.users import User
from suite.waiting import wait_for

from .people import job, job_end, log_in, start_job
from .stack import Stack, upstream_url

# Entities and paths make no difference here; loggers and limiters do.
pytestmark = pytest.mark.stacks("default answers", "a domain of its own")

# What an exit may take beyond the grace before a test gives up waiting.
SLACK_SECONDS = 5


def test_starts(service: Service) -> None:
    for name, launch in (("API", service.start_api), ("worker", service.start_worker)):
        process = launch()
        say(
            f"    the {name} was ready after {time.monotonic() - process.began:.1f} s (promised: 5)"
        )
    assert service.stop() == {"api": 0, "worker": 0}


def _half_a_request(user: User) -> tuple[socket.socket, bytes]:
    """A POST whose body is on its way, and what is still to be sent."""
    collection = user.collections[0]
    body = json.dumps(user.sampler(collection).body()).encode()
    url = urlsplit(user.service.base_url)
    connection = socket.create_connection((url.hostname, url.port or 80), timeout=30)
    head = (
        f"POST {user.service.prefix}{collection.url} HTTP/1.1\r\nHost: {url.netloc}\r\n"
        f"Authorization: {user.headers['Authorization']}\r\n"
        f"Content-Type: application/json\r\nContent-Length: {len(body)}\r\n\r\n"
    )
    connection.sendall(head.encode() + body[:10])
    # Long enough for the process to have read what was sent.
    time.sleep(0.5)
    return connection, body[10:]


def _draining(api: Api) -> None:
    wait_for(lambda: api.status("/health/ready") == 503, "/health/ready is 503", within=5)


def test_the_api_finishes_what_it_is_reading(service: Service, stack: Stack) -> None:
    api = service.start_api(SHUTDOWN_GRACE_MS="8000")
    user = log_in(stack, api, stack.owner(service))
    connection, rest = _half_a_request(user)
    api.terminate()
    _draining(api)
    connection.sendall(rest)
    with http.client.HTTPResponse(connection) as response:
        response.begin()
        assert response.status == 201, response.read()
        assert json.loads(response.read())["success"] is True
    assert api.wait(8 + SLACK_SECONDS) == 0


def test_the_api_finishes_what_it_is_working_on(
    service: Service, stack: Stack, gates: dict[str, Gate]
) -> None:
    api = service.start_api(SHUTDOWN_GRACE_MS="8000")
    user = log_in(stack, api, stack.owner(service))
    body = user.sampler(user.collections[0]).body()
    with ThreadPoolExecutor(1) as pool:
        gates["DATABASE_URL"].jam()
        answer = pool.submit(user.post, user.collections[0].url, json=body)
        time.sleep(0.5)
        api.terminate()
        time.sleep(0.5)
        gates["DATABASE_URL"].open()
        expect(answer.result(), 201)
    assert api.wait(8 + SLACK_SECONDS) == 0


def test_a_request_without_end_does_not_hold_the_api(service: Service, stack: Stack) -> None:
    api = service.start_api(SHUTDOWN_GRACE_MS="3000")
    connection, _ = _half_a_request(log_in(stack, api, stack.owner(service)))
    began = time.monotonic()
    api.terminate()
    assert api.wait(3 + SLACK_SECONDS) == 0
    say(f"    the API was gone after {time.monotonic() - began:.1f} s (promised: 3)")
    connection.close()


def test_the_worker_finishes_its_job(service: Service, stack: Stack) -> None:
    api = service.start_api()
    worker = service.start_worker(SHUTDOWN_GRACE_MS="8000", HTTP_CLIENT_TIMEOUT_MS="20000")
    user = log_in(stack, api, stack.owner(service))
    hold = threading.Event()
    answer = found(healthScore=71)
    answer.hold = hold
    with Upstream(upstream_url(stack, service)) as upstream:
        upstream.script(user.seed.main_id, [answer])
        job_id = start_job(stack, user)
        wait_for(lambda: upstream.calls(user.seed.main_id), "the job's call", within=20)
        worker.terminate()
        time.sleep(0.5)
        hold.set()
        assert worker.wait(8 + SLACK_SECONDS) == 0
        assert job(user, job_id)["status"] == "completed"
        assert len(upstream.calls(user.seed.main_id)) == 1


def test_the_worker_gives_back_what_it_cannot_finish(service: Service, stack: Stack) -> None:
    api = service.start_api()
    worker = service.start_worker(SHUTDOWN_GRACE_MS="3000", HTTP_CLIENT_TIMEOUT_MS="60000")
    user = log_in(stack, api, stack.owner(service))
    never = Answer(hold=threading.Event(), hold_at_most=30)
    with Upstream(upstream_url(stack, service)) as upstream:
        upstream.script(user.seed.main_id, [never])
        job_id = start_job(stack, user)
        wait_for(lambda: upstream.calls(user.seed.main_id), "the job's call", within=20)
        began = time.monotonic()
        worker.terminate()
        assert worker.wait(3 + SLACK_SECONDS) == 0
        say(f"    the worker was gone after {time.monotonic() - began:.1f} s (promised: 3)")
        assert job(user, job_id)["status"] == "queued"
        assert never.hold is not None
        never.hold.set()
        upstream.script(user.seed.main_id, [found(healthScore=72)])
        service.start_worker("worker-2")
        assert job_end(user, job_id, within=30)["status"] == "completed"
