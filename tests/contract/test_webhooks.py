"""Section 7: what is sent, signed how, for which changes."""

import base64
import json
import time
import uuid
from collections.abc import Iterator
from typing import Any

import pytest
from standardwebhooks import Webhook, WebhookVerificationError

from conftest import NewKey
from suite.caller import Service
from suite.checks import expect, expect_invalid, is_uuid, moment
from suite.endpoints import Registry, types_of
from suite.httpd import Answer
from suite.openapi import UNKNOWN_ID
from suite.receiver import Receiver
from suite.tenants import Collection, Tenants
from suite.users import User
from suite.waiting import together, wait_for

contract = pytest.mark.contract


@pytest.fixture
def hooks(receiver: Receiver) -> Iterator[Registry]:
    registry = Registry(receiver)
    yield registry
    registry.clear()


@contract("5.endpoints", "5.endpoint-secret", "0.ids", "7.ssrf-allowed")
def test_an_owner_registers_an_endpoint(owner: User, hooks: Registry, first: Collection) -> None:
    endpoint = hooks.register(owner, types_of(first, "created"))
    row = endpoint.row
    assert {"id", "url", "eventTypes", "secret", "disabledAt"} <= set(row)
    assert set(row) <= {"id", "url", "eventTypes", "secret", "disabledAt", "createdAt", "updatedAt"}
    assert is_uuid(row["id"])
    assert row["disabledAt"] is None
    assert (row["url"], row["eventTypes"]) == (endpoint.mailbox.url, types_of(first, "created"))
    assert row["secret"].startswith("whsec_")
    assert len(base64.b64decode(row["secret"].removeprefix("whsec_"), validate=True)) == 32


@contract("5.endpoint-secret", "5.endpoints")
def test_the_secret_is_shown_once_and_differs(
    owner: User, hooks: Registry, first: Collection
) -> None:
    one, other = (hooks.register(owner, types_of(first)) for _ in range(2))
    assert one.secret != other.secret
    response = owner.get("/webhook-endpoints", params={"limit": 100})
    rows = {row["id"]: row for row in expect(response, 200)["data"]}
    assert one.secret not in response.text
    without = {key: value for key, value in one.row.items() if key != "secret"}
    assert rows[one.id] == without


@contract("5.endpoints", "2.400-schema")
def test_400_wrong_endpoints(owner: User, first: Collection, receiver: Receiver) -> None:
    url, types = receiver.mailbox().url, types_of(first)
    for wrong in ("nope", "ftp://a.test/x", "/relative", "http://", "", None, 1, "javascript:1"):
        expect_invalid(
            owner.post("/webhook-endpoints", json={"url": wrong, "eventTypes": types}), "url"
        )
    for unknown in (["nothing.created"], [f"{first.entity}.exploded"], "x", None, [1], ["*"]):
        body = {"url": url, "eventTypes": unknown}
        expect_invalid(owner.post("/webhook-endpoints", json=body))
    expect_invalid(owner.post("/webhook-endpoints", json={"eventTypes": types}), "url")
    expect_invalid(owner.post("/webhook-endpoints", json={"url": url}), "eventTypes")


@contract("5.endpoints", "2.404-row")
def test_a_deleted_endpoint_gets_nothing_more(
    owner: User, hooks: Registry, first: Collection
) -> None:
    gone, there = (hooks.register(owner, types_of(first, "created")) for _ in range(2))
    expect(owner.delete(f"/webhook-endpoints/{gone.id}"), 204)
    expect(owner.delete(f"/webhook-endpoints/{gone.id}"), 404)
    assert gone.id not in [row["id"] for row in owner.rows("/webhook-endpoints")]
    owner.create(first)
    there.mailbox.wait_for_calls(1)
    assert gone.mailbox.calls == []


@contract("2.403-member")
def test_403_for_a_member(a: User, a_member: User, hooks: Registry, first: Collection) -> None:
    endpoint = hooks.register(a, types_of(first))
    body = {"url": endpoint.mailbox.url, "eventTypes": types_of(first)}
    expect(a_member.get("/webhook-endpoints"), 403)
    expect(a_member.post("/webhook-endpoints", json=body), 403)
    expect(a_member.delete(f"/webhook-endpoints/{endpoint.id}"), 403)
    assert endpoint.now()["disabledAt"] is None


@contract("7.types", "7.body", "7.delivered")
def test_each_change_sends_the_row(owner: User, hooks: Registry, collection: Collection) -> None:
    endpoint = hooks.register(owner, types_of(collection))
    sampler = owner.sampler(collection)
    name = sampler.changeable()
    row = owner.create(collection)
    url = f"{collection.url}/{row['id']}"
    changed = expect(owner.patch(url, json={name: sampler.value(name, other=True)}), 200)["data"]
    expect(owner.delete(url), 204)
    endpoint.mailbox.wait_for_calls(3)
    events = {event["type"]: event for event in endpoint.mailbox.events}
    assert set(events) == set(types_of(collection))
    assert events[f"{collection.entity}.created"]["data"] == row
    assert events[f"{collection.entity}.updated"]["data"] == changed
    assert events[f"{collection.entity}.deleted"]["data"] == changed
    for event in events.values():
        assert set(event) == {"type", "timestamp", "data"}
        assert abs(moment(event["timestamp"]).timestamp() - time.time()) < 30
    for call in endpoint.mailbox.calls:
        assert call.method == "POST"
        assert call.headers["content-type"].split(";")[0] == "application/json"
        json.loads(call.body.decode("utf-8"))


@contract("7.types")
def test_only_the_types_asked_for_are_sent(owner: User, hooks: Registry, first: Collection) -> None:
    updates = hooks.register(owner, types_of(first, "updated"))
    everything = hooks.register(owner, types_of(first))
    sampler = owner.sampler(first)
    name = sampler.changeable()
    row = owner.create(first)
    expect(owner.patch(f"{first.url}/{row['id']}", json={name: sampler.value(name)}), 200)
    everything.mailbox.wait_for_calls(2)
    updates.mailbox.wait_for_calls(1)
    assert [one["eventType"] for one in updates.deliveries()] == types_of(first, "updated")


@contract("7.types", "5.row-by-key")
def test_a_row_made_with_a_key_is_sent_too(
    owner: User, hooks: Registry, service: Service, first: Collection, new_key: NewKey
) -> None:
    endpoint = hooks.register(owner, types_of(first, "created"))
    body = owner.sampler(first).body()
    row = expect(service.sdk(new_key(owner)).post(first.url, json=body), 201)["data"]
    endpoint.mailbox.wait_for_calls(1)
    assert endpoint.mailbox.events[0]["data"] == row


@contract("7.signature", "7.timestamp")
def test_the_signature_verifies(owner: User, hooks: Registry, first: Collection) -> None:
    endpoint = hooks.register(owner, types_of(first, "created"))
    owner.create(first, **({"content": "ünïcode 🎉"} if first.path == "feedback" else {}))
    (call,) = endpoint.mailbox.wait_for_calls(1)
    assert call.headers["webhook-id"]
    assert abs(int(call.headers["webhook-timestamp"]) - call.wall) <= 3
    assert all(part.startswith("v1,") for part in call.headers["webhook-signature"].split(" "))
    body = call.body.decode()
    Webhook(endpoint.secret).verify(body, call.headers)
    for wrong in (
        {**call.headers, "webhook-id": "other"},
        {**call.headers, "webhook-timestamp": str(int(call.headers["webhook-timestamp"]) - 1)},
    ):
        with pytest.raises(WebhookVerificationError):
            Webhook(endpoint.secret).verify(body, wrong)
    with pytest.raises(WebhookVerificationError):
        Webhook(endpoint.secret).verify(body + " ", call.headers)


@contract("7.signature")
def test_each_endpoint_has_its_own_signature(
    owner: User, hooks: Registry, first: Collection
) -> None:
    one, other = (hooks.register(owner, types_of(first, "created")) for _ in range(2))
    owner.create(first)
    for endpoint in (one, other):
        (call,) = endpoint.mailbox.wait_for_calls(1)
        Webhook(endpoint.secret).verify(call.body.decode(), call.headers)


@contract("7.endpoints-then")
def test_events_go_to_the_endpoints_there_were(
    owner: User, hooks: Registry, first: Collection
) -> None:
    earlier = hooks.register(owner, types_of(first, "created"))
    old = owner.create(first)
    later = hooks.register(owner, types_of(first, "created"))
    new = owner.create(first)
    earlier.mailbox.wait_for_calls(2)
    later.mailbox.wait_for_calls(1)
    assert {event["data"]["id"] for event in earlier.mailbox.events} == {old["id"], new["id"]}
    assert [event["data"]["id"] for event in later.mailbox.events] == [new["id"]]
    assert len(later.deliveries()) == 1


@contract("4.isolation-see", "7.endpoints-then")
def test_events_go_to_the_accounts_own_endpoints(
    a: User, b: User, hooks: Registry, first: Collection
) -> None:
    mine, theirs = (hooks.register(user, types_of(first, "created")) for user in (a, b))
    row = a.create(first)
    mine.mailbox.wait_for_calls(1)
    other = b.create(first)
    theirs.mailbox.wait_for_calls(1)
    assert [event["data"]["id"] for event in mine.mailbox.events] == [row["id"]]
    assert [event["data"]["id"] for event in theirs.mailbox.events] == [other["id"]]


@contract("7.atomic")
def test_a_refused_request_sends_nothing(owner: User, hooks: Registry, first: Collection) -> None:
    sampler = owner.sampler(first)
    name = sampler.changeable()
    endpoint = hooks.register(owner, types_of(first))
    key = {"Idempotency-Key": str(uuid.uuid4())}
    body = sampler.body()
    row = expect(owner.post(first.url, json=body, headers=key), 201)["data"]
    expect(owner.post(first.url, json=body, headers=key), 201)
    other = {**body, name: sampler.value(name, other=True)}
    expect(owner.post(first.url, json=other, headers=key), 409)
    expect(owner.post(first.url, json={**body, "unknownField": 1}), 400)
    expect(owner.patch(f"{first.url}/{row['id']}", json={}), 400)
    expect(owner.patch(f"{first.url}/{UNKNOWN_ID}", json={name: sampler.value(name)}), 404)
    expect(owner.delete(f"{first.url}/{UNKNOWN_ID}"), 404)
    expect(owner.send("POST", first.url, "{}", Content_Type="text/plain"), 415)
    endpoint.delivery("delivered")
    assert [event["data"]["id"] for event in endpoint.mailbox.events] == [row["id"]]


@contract("7.atomic", "7.delivered")
def test_every_change_sends_one_event_also_when_many_come_at_once(
    owner: User, hooks: Registry, first: Collection
) -> None:
    endpoint = hooks.register(owner, types_of(first, "created"))
    rows = together([lambda: owner.create(first)["id"]] * 30, threads=10)
    wait_for(
        lambda: {event["data"]["id"] for event in endpoint.mailbox.events} == set(rows),
        "an event for each row",
        within=20,
    )
    assert len(endpoint.deliveries()) == 30
    assert len({call.headers["webhook-id"] for call in endpoint.mailbox.calls}) == 30


@contract("5.deliveries", "0.times")
def test_a_delivery_tells_what_happened(owner: User, hooks: Registry, first: Collection) -> None:
    endpoint = hooks.register(owner, types_of(first, "created"), Answer(204, b""))
    owner.create(first)
    row = endpoint.delivery("delivered")
    names = {"id", "endpointId", "eventType", "webhookId", "status", "attempts", "createdAt"}
    assert names | {"lastStatusCode", "lastError"} <= set(row)
    assert is_uuid(row["id"])
    assert row["eventType"] == f"{first.entity}.created"
    assert (row["attempts"], row["lastStatusCode"], row["lastError"]) == (1, 204, None)
    moment(row["createdAt"])
    (call,) = endpoint.mailbox.calls
    assert row["webhookId"] == call.headers["webhook-id"]
    assert endpoint.secret not in json.dumps(row)


@contract("5.deliveries")
def test_deliveries_are_filtered_by_status(owner: User, hooks: Registry, first: Collection) -> None:
    endpoint = hooks.register(owner, types_of(first, "created"))
    owner.create(first)
    row = endpoint.delivery("delivered")
    for status in ("pending", "delivered", "failed"):
        rows = owner.rows("/webhook-deliveries", status=status)
        assert {one["status"] for one in rows} <= {status}
        assert (row["id"] in [one["id"] for one in rows]) == (status == "delivered")


@contract("5.redeliver", "2.404-row")
def test_404_redelivery_of_nothing(owner: User) -> None:
    for wrong in (UNKNOWN_ID, "not-a-uuid"):
        expect(owner.post(f"/webhook-deliveries/{wrong}/redeliver"), 404)


@contract("5.endpoints")
def test_rows_of_the_main_entity_are_no_event_type(
    owner: User, tenants: Tenants, receiver: Receiver
) -> None:
    body: dict[str, Any] = {
        "url": receiver.mailbox().url,
        "eventTypes": [f"{tenants.mains}.created"],
    }
    expect_invalid(owner.post("/webhook-endpoints", json=body))
