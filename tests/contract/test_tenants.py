"""Section 4: no request of one tenant sees, changes, counts or infers a row of another."""

from typing import Any

import pytest

from suite.checks import expect
from suite.openapi import UNKNOWN_ID
from suite.receiver import Receiver
from suite.tenants import Collection, Tenants
from suite.users import User

contract = pytest.mark.contract


def told(response: Any) -> dict[str, Any]:
    """What an answer tells, without what differs for each request."""
    body: dict[str, Any] = response.json()
    body.pop("requestId", None)
    return {"status": response.status_code, **body}


@contract("4.isolation-see", "4.isolation-change", "2.404-tenant")
def test_another_tenants_row_is_not_there(a: User, b: User, collection: Collection) -> None:
    row = a.create(collection)
    url = f"{collection.url}/{row['id']}"
    sampler = b.sampler(collection)
    name = sampler.changeable()
    expect(b.get(url), 404)
    expect(b.patch(url, json={name: sampler.value(name, other=True)}), 404)
    expect(b.delete(url), 404)
    assert expect(a.get(url), 200)["data"] == row


@contract("4.isolation-infer", "2.404-tenant")
def test_another_tenants_row_looks_like_no_row(a: User, b: User, collection: Collection) -> None:
    row = a.create(collection)
    url, nowhere = f"{collection.url}/{row['id']}", f"{collection.url}/{UNKNOWN_ID}"
    name = b.sampler(collection).changeable()
    body = {name: b.sampler(collection).value(name)}
    assert told(b.get(url)) == told(b.get(nowhere))
    assert told(b.delete(url)) == told(b.delete(nowhere))
    assert told(b.patch(url, json=body)) == told(b.patch(nowhere, json=body))


@contract("4.isolation-see", "4.isolation-count")
def test_lists_hold_the_accounts_own_rows_only(a: User, b: User, collection: Collection) -> None:
    mine, theirs = a.create(collection), b.create(collection)
    for user, own, other in ((a, mine, theirs), (b, theirs, mine)):
        rows = expect(user.get(collection.url, params={"limit": 100}), 200)["data"]
        ids = [row["id"] for row in rows]
        assert own["id"] in ids
        assert other["id"] not in ids
        assert {row["accountId"] for row in rows} == {user.seed.account_id}


@contract("4.isolation-see", "4.isolation-count")
def test_another_tenants_cursor_leads_nowhere_else(
    a: User, b: User, collection: Collection
) -> None:
    for user in (a, b, a, b):
        user.create(collection)
    cursor = expect(a.get(collection.url, params={"limit": 1}), 200)["nextCursor"]
    response = b.get(collection.url, params={"cursor": cursor, "limit": 100})
    if response.status_code != 400:
        rows = expect(response, 200)["data"]
        assert {row["accountId"] for row in rows} <= {b.seed.account_id}


@contract("4.isolation-see", "4.isolation-infer", "5.key-account")
def test_idempotency_keys_are_of_the_account(a: User, b: User, collection: Collection) -> None:
    key = {"Idempotency-Key": f"shared-{a.create(collection)['id']}"}
    mine = a.post(collection.url, json=a.sampler(collection).body(), headers=key)
    theirs = b.post(collection.url, json=b.sampler(collection).body(), headers=key)
    assert expect(mine, 201)["data"]["accountId"] == a.seed.account_id
    assert expect(theirs, 201)["data"]["accountId"] == b.seed.account_id
    assert "idempotent-replay" not in theirs.headers


@contract("4.isolation-change", "4.isolation-infer")
def test_a_reference_to_another_tenants_row_is_refused(
    a: User, b: User, collection: Collection
) -> None:
    for name, theirs in a.sampler(collection).references().items():
        body = b.sampler(collection).body()
        foreign = b.post(collection.url, json={**body, name: theirs})
        unknown = b.post(collection.url, json={**body, name: UNKNOWN_ID})
        assert foreign.status_code in (400, 404, 409), name
        assert told(foreign) == told(unknown)
        row = b.create(collection)
        patched = b.patch(f"{collection.url}/{row['id']}", json={name: theirs})
        assert patched.status_code == foreign.status_code


@contract("4.isolation-see", "4.isolation-count")
def test_every_list_holds_rows_of_the_account_only(
    a: User, b: User, tenants: Tenants, receiver: Receiver
) -> None:
    def own(user: User) -> dict[str, set[str]]:
        lists = ["/sdk-keys", "/webhook-endpoints", "/webhook-deliveries"]
        lists += [one.url for one in tenants.collections]
        return {path: {row["id"] for row in user.rows(path)} for path in lists}

    made = []
    for user in (a, b):
        types = [f"{tenants.collections[0].entity}.created"]
        endpoint = {"url": receiver.mailbox().url, "eventTypes": types}
        made.append((user, expect(user.post("/webhook-endpoints", json=endpoint), 201)["data"]))
        expect(user.post("/sdk-keys", json={"name": "listed"}), 201)
        for collection in tenants.collections:
            user.create(collection)
    lists_a, lists_b = own(a), own(b)
    for path, rows in lists_a.items():
        assert rows, path
        assert lists_b[path], path
        assert not rows & lists_b[path], path
    for user, endpoint in made:
        expect(user.delete(f"/webhook-endpoints/{endpoint['id']}"), 204)


@contract("4.isolation-see", "4.isolation-count")
def test_main_rows_are_of_the_account(a: User, b: User, tenants: Tenants) -> None:
    for user in (a, b):
        url = f"/{tenants.mains}/{user.seed.main_id}/health-score"
        expect(user.put(url, json={"score": 10}), 200)
    ids = [{row["id"] for row in user.rows(f"/{tenants.mains}", healthBelow=50)} for user in (a, b)]
    assert a.seed.main_id in ids[0]
    assert b.seed.main_id in ids[1]
    assert not ids[0] & ids[1]
