"""Section 2: the statuses, and the order in which a request is judged."""

import json
from typing import Any

import pytest

from suite.caller import Caller
from suite.checks import expect, expect_invalid
from suite.openapi import METHODS, UNKNOWN_ID, OpenApi
from suite.tenants import Collection, Tenants
from suite.users import User

contract = pytest.mark.contract
JSON = ("Content-Type", "application/json")
CHUNKED = ("Transfer-Encoding", "chunked")


@contract("2.400-not-json")
@pytest.mark.parametrize(
    "body",
    [
        "",
        " ",
        "{",
        "nope",
        "{'a': 1}",
        '{"a": 1,}',
        '{"a": 1} x',
        '{"a": NaN}',
        '{"a": Infinity}',
        '{"a": 01}',
        "[]",
        '"text"',
        "1",
        "null",
        "true",
        "\ufeff",
    ],
)
def test_400_body_is_not_a_json_object(owner: User, first: Collection, body: str) -> None:
    expect(owner.send("POST", first.url, body), 400)


@contract("2.400-not-utf8")
@pytest.mark.parametrize(
    "body",
    [
        b'{"a": "\xff"}',
        b'{"a": "\xc3"}',
        b'{"a": "\xed\xa0\x80"}',
        b'{"a": "\xc0\x80"}',
        '{"a": "ä"}'.encode("latin-1"),
        '{"a": 1}'.encode("utf-16"),
        '{"a": 1}'.encode("utf-32-le"),
    ],
)
def test_400_body_is_not_utf8(owner: User, first: Collection, body: bytes) -> None:
    expect(owner.send("POST", first.url, body), 400)


@contract("2.400-unknown-field")
def test_400_unknown_field(owner: User, collection: Collection) -> None:
    body = owner.sampler(collection).body()
    expect_invalid(owner.post(collection.url, json={**body, "unknownField": 1}), "unknownField")
    row = owner.create(collection)
    for name in ("unknownField", "id", "accountId", "userId", "createdAt"):
        url = f"{collection.url}/{row['id']}"
        expect_invalid(owner.patch(url, json={name: row.get(name, 1)}), name)
        expect_invalid(owner.post(collection.url, json={**body, name: row.get(name, 1)}), name)


@contract("2.400-unknown-field")
def test_400_unknown_field_on_every_route_with_a_body(owner: User, api: OpenApi) -> None:
    for operation in api.limited():
        if operation.has_body:
            body = {**owner.body_for(operation)["json"], "unknownField": 1}
            response = owner.request(operation.method, operation.url(), json=body)
            expect_invalid(response, "unknownField")


@contract("2.400-schema")
def test_400_required_field_missing_or_null(owner: User, collection: Collection) -> None:
    sampler = owner.sampler(collection)
    for name in sampler.required:
        body = sampler.body()
        expect_invalid(owner.post(collection.url, json={**body, name: None}), name)
        del body[name]
        expect_invalid(owner.post(collection.url, json=body), name)


@contract("2.400-schema")
@pytest.mark.parametrize("value", [["wrong"], [[]]])
def test_400_field_of_another_type(owner: User, collection: Collection, value: Any) -> None:
    sampler = owner.sampler(collection)
    row = owner.create(collection)
    for name, spec in sampler.fields.items():
        if "array" not in json.dumps(spec) and spec.get("type") is not None:
            body = sampler.body()
            expect_invalid(owner.post(collection.url, json={**body, name: value}), name)
            url = f"{collection.url}/{row['id']}"
            expect_invalid(owner.patch(url, json={name: value}), name)


@contract("2.400-empty-patch")
@pytest.mark.parametrize("body", ["{}", " { } "])
def test_400_empty_patch(owner: User, collection: Collection, body: str) -> None:
    row = owner.create(collection)
    expect(owner.send("PATCH", f"{collection.url}/{row['id']}", body), 400)


@contract("2.400-query")
def test_400_unknown_query_parameter_on_every_route(owner: User, api: OpenApi) -> None:
    for operation in api.limited():
        response = owner.request(
            operation.method, operation.url(), params={"unknown": "1"}, **owner.body_for(operation)
        )
        expect_invalid(response, "unknown")


@contract("2.400-query", "5.limit")
@pytest.mark.parametrize("limit", ["0", "101", "-1", "abc", "1.5", "", "1e1", "9" * 30, "\x00"])
def test_400_wrong_limit_on_every_list(owner: User, tenants: Tenants, limit: str) -> None:
    lists = [one.url for one in tenants.collections] + [f"/{tenants.mains}"]
    for path in [*lists, "/sdk-keys", "/webhook-endpoints", "/webhook-deliveries"]:
        expect_invalid(owner.get(path, params={"limit": limit}), "limit")


@contract("2.400-query")
@pytest.mark.parametrize("status", ["sent", "", "DELIVERED", "\x00"])
def test_400_unknown_delivery_status(owner: User, status: str) -> None:
    expect_invalid(owner.get("/webhook-deliveries", params={"status": status}), "status")


@contract("2.400-query", "5.health-below")
@pytest.mark.parametrize("below", ["abc", "1.5", "", "1e2", "\x00"])
def test_400_wrong_health_below(owner: User, tenants: Tenants, below: str) -> None:
    expect_invalid(owner.get(f"/{tenants.mains}", params={"healthBelow": below}), "healthBelow")


@contract("2.400-cursor")
@pytest.mark.parametrize(
    "cursor",
    [
        "x",
        "",
        "AAAA",
        "e30",
        "e30=",
        "bnVsbA==",
        "WzEsMl0=",
        "MTIz",
        "%00",
        "\x00",
        "ü",
        "A" * 3000,
    ],
)
def test_400_cursor_made_up(owner: User, tenants: Tenants, cursor: str) -> None:
    for path in (tenants.collections[0].url, f"/{tenants.mains}", "/webhook-deliveries"):
        expect(owner.get(path, params={"cursor": cursor}), 400)


@contract("2.403-account")
def test_403_account_that_the_caller_is_not_in(
    a: User, tenants: Tenants, first: Collection
) -> None:
    other = tenants.seeds["b_owner"].account_id
    for account in (other, UNKNOWN_ID, "not-a-uuid", "1", "*"):
        expect(a.with_headers(X_Account_Id=account).get(first.url), 403)
        expect(a.with_headers(X_Account_Id=account).post(first.url, json={}), 403)


@contract("2.404-route", "3.nothing-else")
@pytest.mark.parametrize("path", ["/nowhere", "/", "/integrations", "/auth", "/jobs"])
def test_404_no_such_route(owner: User, path: str) -> None:
    expect(owner.get(path), 404)


@contract("2.404-row")
def test_404_no_such_row_on_every_route_with_an_id(owner: User, api: OpenApi) -> None:
    for operation in api.limited():
        if operation.names_row:
            response = owner.request(operation.method, operation.url(), **owner.body_for(operation))
            assert response.status_code == 404, operation.name


@contract("2.404-id")
@pytest.mark.parametrize(
    "wrong", ["1", "x", "not-a-uuid", "g" * 36, UNKNOWN_ID + "0", "%00", "%ff"]
)
def test_404_id_that_is_not_a_uuid(owner: User, collection: Collection, wrong: str) -> None:
    url = f"{collection.url}/{wrong}"
    expect(owner.get(url), 404)
    expect(owner.delete(url), 404)
    sampler = owner.sampler(collection)
    name = sampler.changeable()
    expect(owner.patch(url, json={name: sampler.value(name)}), 404)
    expect(owner.get(f"/jobs/{wrong}"), 404)
    expect(owner.delete(f"/webhook-endpoints/{wrong}"), 404)


@contract("2.405", "2.order-routing")
def test_405_tells_all_allowed_methods_before_any_credentials(
    api: OpenApi, anonymous: Caller
) -> None:
    allowed: dict[str, set[str]] = {}
    for operation in api.operations():
        allowed.setdefault(operation.whole_url(), set()).add(operation.method)
    for url, methods in allowed.items():
        for method in sorted({name.upper() for name in METHODS} - methods):
            response = anonymous.service.anonymous().root.request(method, url)
            expect(response, 405)
            told = {name.strip() for name in response.headers["allow"].split(",")}
            assert methods <= told <= methods | {"HEAD", "OPTIONS"}, (url, told, methods)


@contract("2.404-route", "2.order-routing")
def test_404_of_a_route_comes_before_credentials(anonymous: Caller) -> None:
    expect(anonymous.post("/nowhere", json={}), 404)


@contract("2.415-type")
@pytest.mark.parametrize(
    "media",
    [
        "text/plain",
        "application/x-www-form-urlencoded",
        "multipart/form-data; boundary=x",
        "application/jsonx",
        "text/json",
        "application/xml",
        "json",
        "",
    ],
)
def test_415_body_without_application_json(owner: User, collection: Collection, media: str) -> None:
    body = json.dumps(owner.sampler(collection).body())
    expect(owner.send("POST", collection.url, body, Content_Type=media), 415)


@contract("2.415-type")
def test_415_body_without_a_content_type_on_every_route_with_a_body(
    owner: User, api: OpenApi
) -> None:
    for operation in api.limited():
        if operation.has_body:
            response = owner.request(operation.method, operation.url(), content=b'{"a": 1}')
            assert response.status_code == 415, operation.name


@contract("2.415-type")
@pytest.mark.parametrize(
    "media",
    ["application/json; charset=utf-8", "Application/JSON", 'application/json;charset="UTF-8"'],
)
def test_application_json_may_be_written_in_other_ways(
    owner: User, collection: Collection, media: str
) -> None:
    body = json.dumps(owner.sampler(collection).body())
    expect(owner.send("POST", collection.url, body, Content_Type=media), 201)


@contract("2.415-encoding")
@pytest.mark.parametrize("encoding", ["gzip", "deflate", "br", "zstd"])
def test_415_body_with_a_content_encoding(
    owner: User, collection: Collection, encoding: str
) -> None:
    body = json.dumps(owner.sampler(collection).body())
    expect(owner.send("POST", collection.url, body, Content_Encoding=encoding), 415)


@contract("2.409-unique")
@pytest.mark.applies(unique=True)
def test_409_unique_field_taken_within_the_account(a: User, b: User, tenants: Tenants) -> None:
    for collection in tenants.collections:
        for name in collection.unique:
            row, other = a.create(collection), a.create(collection)
            taken = {name: row[name]}
            body = {**a.sampler(collection).body(), **taken}
            expect(a.post(collection.url, json=body), 409)
            expect(a.patch(f"{collection.url}/{other['id']}", json=taken), 409)
            assert b.create(collection, **taken)[name] == row[name]
