"""Section 2: what every response has, whatever it answers."""

import re
import secrets

import pytest

from suite.caller import Caller
from suite.checks import LIMIT_HEADERS, expect, is_uuid, limit_headers, moment
from suite.openapi import UNKNOWN_ID
from suite.rawhttp import exchange
from suite.tenants import Collection, Tenants
from suite.users import User

contract = pytest.mark.contract
KEPT = ["a", "7", "A-z_0.9", "0" * 128, "req-" + "x" * 124, "...", "---"]
REPLACED = [
    "",
    "a" * 129,
    "two words",
    "semi;colon",
    "new/line",
    "<script>",
    "ünïcode",
    "a,b",
    '"a"',
]


@contract("2.request-id-kept")
@pytest.mark.parametrize("given", KEPT)
def test_a_well_formed_request_id_is_kept(owner: User, first: Collection, given: str) -> None:
    response = owner.with_headers(X_Request_Id=given).get(first.url)
    assert response.headers["x-request-id"] == given


@contract("2.request-id-kept", "2.error-body")
def test_a_failure_carries_the_callers_request_id(anonymous: Caller, first: Collection) -> None:
    body = expect(anonymous.with_headers(X_Request_Id="mine-1").get(first.url), 401)
    assert body["requestId"] == "mine-1"


@contract("2.request-id-new")
@pytest.mark.parametrize("given", REPLACED)
def test_an_ill_formed_request_id_is_replaced(
    anonymous: Caller, first: Collection, given: str
) -> None:
    sent = given.encode().decode("latin-1")
    response = exchange(anonymous, "GET", first.url, [("X-Request-Id", sent)])
    new = response.headers["x-request-id"]
    assert new != sent
    assert re.fullmatch(r"[A-Za-z0-9._-]{1,128}", new)


@contract("2.request-id-new")
def test_each_request_without_an_id_gets_its_own(anonymous: Caller) -> None:
    ids = {anonymous.root.get("/health/live").headers["x-request-id"] for _ in range(10)}
    assert len(ids) == 10


@contract("2.response-time", "2.nosniff", "2.no-banner", "2.request-id-new")
@pytest.mark.parametrize(
    "path", ["/health/live", "/health/ready", "/openapi.json", "/nowhere", "/%00", "/"]
)
def test_headers_are_there_outside_the_prefix(anonymous: Caller, path: str) -> None:
    # Each response of the suite is held against section 2 where it is received.
    anonymous.root.get(path)


@contract("2.response-time", "2.nosniff", "2.no-banner", "2.limit-headers")
def test_headers_are_there_on_success_and_on_each_kind_of_error(
    owner: User, anonymous: Caller, first: Collection
) -> None:
    row = owner.create(first)
    expected = [
        (owner.get(first.url), 200),
        (owner.post(first.url, json=owner.sampler(first).body()), 201),
        (owner.post(first.url, json={"unknown": 1}), 400),
        (anonymous.get(first.url), 401),
        (owner.with_headers(X_Account_Id=UNKNOWN_ID).get(first.url), 403),
        (owner.get(f"{first.url}/{UNKNOWN_ID}"), 404),
        (owner.get("/nowhere"), 404),
        (owner.request("PUT", first.url), 405),
        (owner.send("POST", first.url, "x", Content_Type="text/plain"), 415),
        (owner.delete(f"{first.url}/{row['id']}"), 204),
    ]
    for response, status in expected:
        expect(response, status)
        limit, remaining, _ = limit_headers(response)
        assert 0 <= remaining < limit


@contract("2.success-body", "0.ids", "0.times", "0.camel-case", "5.row-fields")
def test_success_holds_the_row(owner: User, collection: Collection) -> None:
    body = expect(owner.post(collection.url, json=owner.sampler(collection).body()), 201)
    assert set(body) == {"success", "data"}
    assert body["success"] is True
    row = body["data"]
    assert {"id", "accountId", "userId", "createdAt", "updatedAt"} <= set(row)
    assert is_uuid(row["id"])
    assert row["accountId"] == owner.seed.account_id
    assert row["userId"] == owner.seed.user_id
    assert moment(row["createdAt"]) == moment(row["updatedAt"])
    assert all(re.fullmatch(r"[a-z][A-Za-z0-9]*", name) for name in row), set(row)


@contract("2.list-body", "0.camel-case")
def test_a_list_also_has_a_next_cursor(owner: User, tenants: Tenants) -> None:
    paths = [one.url for one in tenants.collections]
    paths += [f"/{tenants.mains}", "/sdk-keys", "/webhook-endpoints", "/webhook-deliveries"]
    for path in paths:
        body = expect(owner.get(path), 200)
        assert set(body) == {"success", "data", "nextCursor"}, path
        assert body["success"] is True
        assert isinstance(body["data"], list)
        assert body["nextCursor"] is None or isinstance(body["nextCursor"], str)


@contract("2.no-content")
def test_a_204_is_empty(owner: User, collection: Collection) -> None:
    row = owner.create(collection)
    response = owner.delete(f"{collection.url}/{row['id']}")
    assert (response.status_code, response.content) == (204, b"")


@contract("2.bare")
def test_what_is_outside_the_prefix_is_bare(anonymous: Caller) -> None:
    for path in ("/health/live", "/health/ready", "/openapi.json"):
        body = expect(anonymous.root.get(path), 200)
        assert not {"success", "data"} & set(body), path


@contract("2.error-body", "2.no-leak")
@pytest.mark.parametrize("path", ["/nowhere", "/health/nowhere", "/health", "/%ff%fe", "/a//b"])
def test_a_failure_outside_the_prefix_has_the_same_form(anonymous: Caller, path: str) -> None:
    expect(anonymous.root.get(path), 404)


@contract("2.details", "2.no-leak")
def test_a_validation_error_names_each_wrong_field(owner: User, first: Collection) -> None:
    body = owner.sampler(first).body(unknownField=1)
    changed = owner.sampler(first).changeable()
    body[changed] = ["wrong"]
    answer = expect(owner.post(first.url, json=body), 400)
    paths = {detail["path"] for detail in answer["details"]}
    assert {changed, "unknownField"} <= paths
    assert all(detail["message"] for detail in answer["details"])


@contract("2.no-leak")
@pytest.mark.parametrize(
    "value",
    ["'; drop table accounts; --", "' or '1'='1", "%27", "\\", "${7*7}", "{{7*7}}", "../../etc"],
)
def test_hostile_text_is_only_text(owner: User, first: Collection, value: str) -> None:
    expect(owner.get(f"{first.url}/{value}"), 404)
    expect(owner.get(first.url, params={"cursor": value}), 400)
    expect(owner.get(first.url, params={value: "1"}), 400)


@contract("0.utf-8")
def test_any_unicode_comes_back_as_it_was_sent(owner: User, collection: Collection) -> None:
    sampler = owner.sampler(collection)
    text = "naïve — 日本語 🎉 \u202e \u0001\u001f\x7f \u2028 e\u0301"
    for name, spec in sampler.fields.items():
        if spec.get("type") == "string" and not {"enum", "format", "pattern"} & set(spec):
            sent = (secrets.token_hex(4) + text)[: spec.get("maxLength", 100)]
            row = owner.create(collection, **{name: sent})
            assert row[name] == sent
            assert expect(owner.get(f"{collection.url}/{row['id']}"), 200)["data"][name] == sent


@contract("1.cors-none")
def test_without_cors_origins_no_origin_is_allowed(owner: User, first: Collection) -> None:
    response = owner.get(first.url, headers={"Origin": "https://app.example.test"})
    assert not [name for name in response.headers if name.startswith("access-control-")]


@contract("2.limit-headers")
def test_routes_outside_the_prefix_have_no_limit_headers(anonymous: Caller) -> None:
    for path in ("/health/live", "/health/ready", "/openapi.json"):
        assert not set(LIMIT_HEADERS) & set(anonymous.root.get(path).headers), path
