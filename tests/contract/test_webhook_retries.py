"""Section 7: what happens when a receiver does not take an event."""

import socket
import threading
from collections.abc import Iterator

import pytest
from standardwebhooks import Webhook

from suite.checks import expect
from suite.endpoints import Registry, types_of
from suite.httpd import Answer
from suite.receiver import Receiver
from suite.tenants import Collection, Tenants
from suite.users import User
from suite.waiting import holds_for, wait_for

contract = pytest.mark.contract


@pytest.fixture
def hooks(receiver: Receiver) -> Iterator[Registry]:
    registry = Registry(receiver)
    yield registry
    registry.clear()


@pytest.fixture
def most(tenants: Tenants) -> int:
    return tenants.settings.number("WEBHOOK_MAX_ATTEMPTS")


@contract("7.retried", "7.same-id", "7.delivered", "7.timestamp")
@pytest.mark.parametrize("status", [500, 400, 404, 429, 503])
def test_anything_but_2xx_is_tried_again_under_the_same_id(
    owner: User, hooks: Registry, first: Collection, status: int
) -> None:
    script = (Answer(status), Answer(status), Answer(200))
    endpoint = hooks.register(owner, types_of(first, "created"), *script)
    owner.create(first)
    row = endpoint.delivery("delivered")
    assert (row["attempts"], row["lastStatusCode"]) == (3, 200)
    calls = endpoint.mailbox.calls
    assert len(calls) == 3
    assert {call.headers["webhook-id"] for call in calls} == {row["webhookId"]}
    assert len({call.body for call in calls}) == 1
    for call in calls:
        assert abs(int(call.headers["webhook-timestamp"]) - call.wall) <= 2
        Webhook(endpoint.secret).verify(call.body.decode(), call.headers)


@contract("7.delivered")
@pytest.mark.parametrize("status", [200, 201, 202, 204, 299])
def test_any_2xx_is_delivered(owner: User, hooks: Registry, first: Collection, status: int) -> None:
    body = b"" if status == 204 else b"thanks"
    endpoint = hooks.register(owner, types_of(first, "created"), Answer(status, body))
    owner.create(first)
    row = endpoint.delivery("delivered")
    assert (row["attempts"], row["lastStatusCode"]) == (1, status)


@contract("7.failed", "7.retried")
def test_it_fails_after_so_many_attempts_with_growing_waits(
    owner: User, hooks: Registry, first: Collection, most: int, tenants: Tenants
) -> None:
    endpoint = hooks.register(owner, types_of(first, "created"), Answer(500, b"secret inside"))
    rows = [owner.create(first) for _ in range(6)]
    wait_for(
        lambda: [one["status"] for one in endpoint.deliveries()] == ["failed"] * len(rows),
        "failed deliveries",
        within=30,
    )
    for row in endpoint.deliveries():
        assert (row["attempts"], row["lastStatusCode"]) == (most, 500)
        assert row["lastError"]
    calls = endpoint.mailbox.calls
    assert len(calls) == most * len(rows)
    # Jittered, so that a single wait says little: the longest of several last ones does.
    sent = [[one.at for one in calls if row["id"] in one.body.decode()] for row in rows]
    first_wait = tenants.settings.seconds("WEBHOOK_BACKOFF_MS")
    assert max(at[-1] - at[-2] for at in sent) >= first_wait * 2 ** (most - 2) * 0.5
    holds_for(lambda: len(endpoint.mailbox.calls) == len(calls), 1.0, "no further attempt")


@contract("7.failed", "5.redeliver", "7.same-id", "7.timestamp")
def test_a_failed_one_is_delivered_when_asked_for(
    owner: User, hooks: Registry, first: Collection, most: int
) -> None:
    endpoint = hooks.register(owner, types_of(first, "created"), Answer(500))
    created = owner.create(first)
    failed = endpoint.delivery("failed", within=30)
    endpoint.mailbox.answers(Answer(200))
    endpoint.redeliver(failed)
    row = endpoint.delivery("delivered")
    assert row["id"] == failed["id"]
    assert row["webhookId"] == failed["webhookId"]
    calls = endpoint.mailbox.calls
    assert len(calls) == most + 1
    assert len({call.headers["webhook-id"] for call in calls}) == 1
    last = int(calls[-1].headers["webhook-timestamp"])
    assert abs(last - calls[-1].wall) <= 2
    assert last >= int(calls[0].headers["webhook-timestamp"]) + 1
    assert endpoint.mailbox.events[-1]["data"] == created


@contract("5.redeliver", "7.same-id", "7.timestamp")
def test_a_delivered_one_is_sent_again_when_asked_for(
    owner: User, hooks: Registry, first: Collection
) -> None:
    endpoint = hooks.register(owner, types_of(first, "created"))
    owner.create(first)
    row = endpoint.delivery("delivered")
    (before,) = endpoint.mailbox.calls
    endpoint.redeliver(row)
    again = endpoint.mailbox.wait_for_calls(2)[1]
    assert again.headers["webhook-id"] == before.headers["webhook-id"]
    assert again.body == before.body
    Webhook(endpoint.secret).verify(again.body.decode(), again.headers)
    endpoint.delivery("delivered")


@contract("7.failed", "5.redeliver")
def test_a_redelivery_is_tried_as_often(
    owner: User, hooks: Registry, first: Collection, most: int
) -> None:
    endpoint = hooks.register(owner, types_of(first, "created"), Answer(500))
    owner.create(first)
    failed = endpoint.delivery("failed", within=30)
    endpoint.mailbox.answers(Answer(500), Answer(200))
    endpoint.redeliver(failed)
    endpoint.delivery("delivered")
    assert len(endpoint.mailbox.calls) == most + 2


@contract("7.timeout")
def test_a_timeout_is_tried_again(
    owner: User, hooks: Registry, first: Collection, tenants: Tenants
) -> None:
    held = threading.Event()
    try:
        endpoint = hooks.register(
            owner, types_of(first, "created"), Answer(200, hold=held), Answer(200)
        )
        owner.create(first)
        row = endpoint.delivery("delivered")
    finally:
        held.set()
    assert row["attempts"] == 2
    one, other = endpoint.mailbox.calls
    timeout = tenants.settings.seconds("WEBHOOK_TIMEOUT_MS")
    assert timeout * 0.9 <= other.at - one.at <= timeout + 4
    assert int(other.headers["webhook-timestamp"]) > int(one.headers["webhook-timestamp"])


@contract("7.retried", "5.deliveries")
def test_a_receiver_that_is_not_there_is_tried_again(
    owner: User, hooks: Registry, first: Collection, most: int
) -> None:
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    url = f"http://127.0.0.1:{port}/nobody"
    endpoint = hooks.register(owner, types_of(first, "created"), url=url)
    owner.create(first)
    row = endpoint.delivery("failed", within=30)
    assert (row["attempts"], row["lastStatusCode"]) == (most, None)
    assert row["lastError"]


@contract("7.retried")
def test_a_broken_connection_is_tried_again(
    owner: User, hooks: Registry, first: Collection
) -> None:
    endpoint = hooks.register(owner, types_of(first, "created"), Answer(hang_up=True), Answer(200))
    owner.create(first)
    assert endpoint.delivery("delivered")["attempts"] == 2


@contract("7.redirects")
@pytest.mark.parametrize("status", [301, 302, 307, 308])
def test_a_redirect_is_not_followed(
    owner: User, hooks: Registry, first: Collection, receiver: Receiver, status: int
) -> None:
    elsewhere = receiver.mailbox()
    endpoint = hooks.register(
        owner,
        types_of(first, "created"),
        Answer(status, headers={"Location": elsewhere.url}),
        Answer(200),
    )
    owner.create(first)
    row = endpoint.delivery("delivered")
    assert row["attempts"] == 2
    assert elsewhere.calls == []


@contract("7.gone")
def test_410_disables_the_endpoint(owner: User, hooks: Registry, first: Collection) -> None:
    gone = hooks.register(owner, types_of(first, "created"), Answer(410))
    other = hooks.register(owner, types_of(first, "created"))
    owner.create(first)
    wait_for(lambda: gone.now()["disabledAt"] is not None, "a disabled endpoint")
    (row,) = gone.deliveries()
    assert row["lastStatusCode"] == 410
    owner.create(first)
    other.mailbox.wait_for_calls(2)
    holds_for(lambda: len(gone.mailbox.calls) == 1, 1.0, "nothing more is sent")
    expect(owner.delete(f"/webhook-endpoints/{gone.id}"), 204)


@contract("7.several-at-once")
def test_a_slow_receiver_does_not_hold_up_the_others(
    owner: User, hooks: Registry, first: Collection, tenants: Tenants
) -> None:
    held = threading.Event()
    try:
        slow = hooks.register(
            owner, types_of(first, "created"), Answer(200, hold=held), Answer(200)
        )
        swift = hooks.register(owner, types_of(first, "created"))
        owner.create(first)
        slow.mailbox.wait_for_calls(1)
        owner.create(first)
        second = swift.mailbox.wait_for_calls(2)[1]
    finally:
        held.set()
    timeout = tenants.settings.seconds("WEBHOOK_TIMEOUT_MS")
    assert second.at < slow.mailbox.calls[0].at + timeout
