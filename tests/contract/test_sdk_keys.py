"""Section 4: SDK keys, from the owner who makes one to the moment it is revoked."""

import pytest

from conftest import NewKey
from suite.caller import Caller, Service
from suite.checks import expect, expect_invalid, is_uuid, moment
from suite.openapi import OpenApi
from suite.tenants import Collection
from suite.users import User

contract = pytest.mark.contract


@contract("4.sdk-create", "0.times", "0.ids")
def test_an_owner_creates_a_key(owner: User) -> None:
    data = expect(owner.post("/sdk-keys", json={"name": "my shop"}), 201)["data"]
    assert set(data) == {"id", "name", "prefix", "key", "createdAt"}
    assert is_uuid(data["id"])
    assert data["name"] == "my shop"
    assert data["key"].startswith("sk_")
    assert data["key"].startswith(data["prefix"])
    assert len(data["prefix"]) < len(data["key"]) / 2
    moment(data["createdAt"])


@contract("4.sdk-once", "4.sdk-list")
def test_a_key_is_shown_once(owner: User) -> None:
    made = expect(owner.post("/sdk-keys", json={"name": "once"}), 201)["data"]
    response = owner.get("/sdk-keys", params={"limit": 100})
    listed = [key for key in expect(response, 200)["data"] if key["id"] == made["id"]]
    assert len(listed) == 1
    assert {"id", "name", "prefix", "createdAt"} <= set(listed[0])
    assert (listed[0]["name"], listed[0]["prefix"]) == ("once", made["prefix"])
    assert "key" not in listed[0]
    assert made["key"] not in response.text


@contract("4.sdk-create")
def test_keys_differ(owner: User, new_key: NewKey) -> None:
    assert len({new_key(owner) for _ in range(5)}) == 5


@contract("4.sdk-create", "2.400-schema")
@pytest.mark.parametrize("body", [{}, {"name": None}, {"name": 1}, {"name": ["x"]}])
def test_a_key_needs_a_name(owner: User, body: dict[str, object]) -> None:
    expect_invalid(owner.post("/sdk-keys", json=body), "name")


@contract("4.sdk-routes", "4.sdk-scope", "5.row-by-key")
def test_a_key_creates_rows_in_its_account(
    a: User, b: User, service: Service, collection: Collection, new_key: NewKey
) -> None:
    for owner in (a, b):
        body = owner.sampler(collection).body()
        row = expect(service.sdk(new_key(owner)).post(collection.url, json=body), 201)["data"]
        assert row["accountId"] == owner.seed.account_id
        assert row["userId"] is None
        assert expect(owner.get(f"{collection.url}/{row['id']}"), 200)["data"] == row
        other = b if owner is a else a
        expect(other.get(f"{collection.url}/{row['id']}"), 404)


@contract("2.403-key-off-route", "4.sdk-routes")
def test_403_on_every_other_route(
    owner: User, api: OpenApi, service: Service, new_key: NewKey
) -> None:
    key = service.sdk(new_key(owner))
    theirs = {one.url for one in owner.collections}
    for operation in api.limited():
        on_route = operation.method == "POST" and operation.url() in theirs
        if api.secured(operation) and not on_route:
            response = key.request(operation.method, operation.url(), **owner.body_for(operation))
            assert response.status_code == 403, operation.name


@contract("2.403-key-off-route")
def test_a_made_up_key_gets_401_on_every_other_route(anonymous: Caller, first: Collection) -> None:
    expect(anonymous.with_headers(X_API_Key="sk_" + "x" * 43).get(first.url), 401)


@contract("2.403-account", "4.sdk-scope")
def test_a_key_cannot_name_another_account(
    a: User, b: User, service: Service, first: Collection, new_key: NewKey
) -> None:
    key = service.sdk(new_key(a))
    body = a.sampler(first).body()
    expect(key.with_headers(X_Account_Id=b.seed.account_id).post(first.url, json=body), 403)
    expect(key.with_headers(X_Account_Id="nonsense").post(first.url, json=body), 403)
    expect(key.with_headers(X_Account_Id=a.seed.account_id).post(first.url, json=body), 201)


@contract("4.sdk-delete", "4.sdk-revoked", "2.401-bad")
def test_a_deleted_key_is_refused_at_once(owner: User, service: Service, first: Collection) -> None:
    made = expect(owner.post("/sdk-keys", json={"name": "short-lived"}), 201)["data"]
    key = service.sdk(made["key"])
    for _ in range(3):
        expect(key.post(first.url, json=owner.sampler(first).body()), 201)
    expect(owner.delete(f"/sdk-keys/{made['id']}"), 204)
    expect(key.post(first.url, json=owner.sampler(first).body()), 401)
    expect(owner.delete(f"/sdk-keys/{made['id']}"), 404)


@contract("2.403-member")
def test_403_for_a_member(a: User, a_member: User, service: Service, first: Collection) -> None:
    made = expect(a.post("/sdk-keys", json={"name": "kept"}), 201)["data"]
    expect(a_member.get("/sdk-keys"), 403)
    expect(a_member.post("/sdk-keys", json={"name": "mine"}), 403)
    expect(a_member.delete(f"/sdk-keys/{made['id']}"), 403)
    expect(service.sdk(made["key"]).post(first.url, json=a.sampler(first).body()), 201)


@contract("4.roles")
def test_a_member_works_with_the_rows(a: User, a_member: User, collection: Collection) -> None:
    row = a_member.create(collection)
    assert row["userId"] == a_member.seed.user_id
    assert expect(a.get(f"{collection.url}/{row['id']}"), 200)["data"] == row


@contract("4.sdk-revoked")
@pytest.mark.applies(strict=True)
def test_a_deleted_key_is_refused_by_every_process(
    owner: User, service: Service, strict: Service, first: Collection
) -> None:
    made = expect(owner.post("/sdk-keys", json={"name": "everywhere"}), 201)["data"]
    keys = [one.sdk(made["key"]) for one in (service, strict)]
    for key in keys:
        expect(key.post(first.url, json=owner.sampler(first).body()), 201)
    expect(owner.delete(f"/sdk-keys/{made['id']}"), 204)
    for key in keys:
        expect(key.post(first.url, json=owner.sampler(first).body()), 401)
