"""Section 5: the OpenAPI document, and that the service keeps to it."""

import re
from typing import Any

import pytest
from openapi_spec_validator import OpenAPIV31SpecValidator

from suite.caller import Caller
from suite.checks import expect
from suite.journal import Journal
from suite.openapi import OpenApi, Operation
from suite.tenants import Tenants

contract = pytest.mark.contract
LIMITS = {"x-ratelimit-limit", "x-ratelimit-remaining", "x-ratelimit-reset"}
ALWAYS = {"x-request-id", "x-response-time"}


def same_path(path: str) -> str:
    return re.sub(r"\{[^}]+\}", "{}", path)


def routes(tenants: Tenants) -> set[tuple[str, str]]:
    """Every route of the contract's table."""
    rows = [
        ("GET", f"/{tenants.mains}"),
        ("PUT", f"/{tenants.mains}/{{id}}/health-score"),
        ("POST", "/integrations/{integration}/sync"),
        ("GET", "/jobs/{id}"),
        ("GET", "/webhook-endpoints"),
        ("POST", "/webhook-endpoints"),
        ("DELETE", "/webhook-endpoints/{id}"),
        ("GET", "/webhook-deliveries"),
        ("POST", "/webhook-deliveries/{id}/redeliver"),
        ("GET", "/sdk-keys"),
        ("POST", "/sdk-keys"),
        ("DELETE", "/sdk-keys/{id}"),
    ]
    for one in tenants.collections:
        rows += [("GET", one.url), ("POST", one.url)]
        rows += [(method, f"{one.url}/{{id}}") for method in ("GET", "PATCH", "DELETE")]
    if tenants.auth in ("jwt", "passport"):
        rows += [("POST", "/auth/token"), ("POST", "/auth/refresh")]
    bare = [("GET", path) for path in ("/health/live", "/health/ready", "/metrics")]
    return {(method, f"{tenants.prefix}{path}") for method, path in rows} | set(bare)


def headers_of(api: OpenApi, operation: Operation, status: str) -> set[str]:
    response = api.resolve(operation.spec["responses"][status])
    return {name.lower() for name in response.get("headers", {})}


def parameters(api: OpenApi, operation: Operation) -> dict[str, str]:
    resolved = [api.resolve(one) for one in operation.spec["parameters"]]
    return {one["name"].lower(): one["in"] for one in resolved}


@contract("5.openapi")
def test_it_is_openapi_3_1(api: OpenApi, anonymous: Caller) -> None:
    response = anonymous.root.get("/openapi.json")
    assert response.headers["content-type"].split(";")[0] == "application/json"
    assert re.fullmatch(r"3\.1\.\d+", expect(response, 200)["openapi"])
    OpenAPIV31SpecValidator(api.document).validate()


@contract("5.docs-hidden")
def test_its_page_is_not_shown_in_production(anonymous: Caller) -> None:
    expect(anonymous.root.get("/docs"), 404)


@contract("5.openapi-routes")
def test_every_route_is_documented_and_no_other(api: OpenApi, tenants: Tenants) -> None:
    documented = {(one.method, same_path(one.path)) for one in api.operations()}
    wanted = {(method, same_path(path)) for method, path in routes(tenants)}
    assert wanted <= documented, f"missing: {wanted - documented}"
    assert documented - wanted <= {("GET", "/openapi.json"), ("GET", "/docs")}


@contract("5.openapi-routes")
def test_every_operation_is_named_once(api: OpenApi) -> None:
    ids = [one.spec.get("operationId") for one in api.operations()]
    assert None not in ids
    assert len(set(ids)) == len(ids)


@contract("5.openapi-routes")
def test_every_route_tells_its_credentials(api: OpenApi, tenants: Tenants) -> None:
    creates = {("POST", one.url) for one in tenants.collections}
    for operation in api.limited():
        kinds = sorted(api.scheme(name)["type"] for name in api.secured(operation))
        if operation.url().startswith("/auth/"):
            assert kinds == [], operation.name
        elif (operation.method, operation.url()) in creates:
            assert kinds == ["apiKey", "http"], operation.name
        else:
            assert kinds == ["http"], operation.name


@contract("5.openapi-errors")
def test_every_route_documents_its_errors(api: OpenApi, tenants: Tenants) -> None:
    creates = {("POST", one.url) for one in tenants.collections}
    for operation in api.limited():
        wanted = {"429", "500", "503", "504", "400"}
        wanted |= {"401", "403"} if api.secured(operation) else set()
        wanted |= {"413", "415"} if operation.has_body else set()
        wanted |= {"404"} if "{" in operation.path else set()
        wanted |= {"409"} if (operation.method, operation.url()) in creates else set()
        missing = wanted - set(operation.spec["responses"])
        assert not missing, f"{operation.name}: {missing}"


@contract("5.openapi-errors")
def test_every_error_has_the_contracts_form(api: OpenApi) -> None:
    for operation in api.limited():
        for status, response in operation.spec["responses"].items():
            if status >= "400":
                content = api.resolve(response)["content"]
                schema: dict[str, Any] = api.resolve(content["application/json"]["schema"])
                assert {"error", "requestId"} <= set(schema["required"]), (operation.name, status)


@contract("5.openapi-errors")
def test_every_response_documents_its_headers(api: OpenApi) -> None:
    for operation in api.limited():
        for status in operation.spec["responses"]:
            told = headers_of(api, operation, status)
            assert told >= ALWAYS, (operation.name, status, told)
            if status != "413":
                assert told >= LIMITS, (operation.name, status, told)
            if status == "429":
                assert "retry-after" in told, operation.name


@contract("5.openapi-errors")
def test_every_header_that_is_read_is_documented(api: OpenApi, tenants: Tenants) -> None:
    for operation in api.limited():
        if api.secured(operation):
            assert parameters(api, operation).get("x-account-id") == "header", operation.name
    for one in tenants.collections:
        create = next(op for op in api.operations() if op.method == "POST" and op.url() == one.url)
        assert parameters(api, create).get("idempotency-key") == "header"
        assert "idempotent-replay" in headers_of(api, create, "201")


@contract("5.openapi-routes")
def test_every_body_refuses_unknown_fields(api: OpenApi) -> None:
    for operation in api.limited():
        if operation.has_body:
            assert api.schema_of(operation).get("additionalProperties") is False, operation.name


@contract("5.openapi-routes")
def test_every_list_documents_its_query(api: OpenApi, tenants: Tenants) -> None:
    lists: dict[str, set[str]] = {"/sdk-keys": set(), "/webhook-endpoints": set()}
    lists |= {"/webhook-deliveries": {"status"}, f"/{tenants.mains}": {"healthBelow"}}
    for one in tenants.collections:
        lists[one.url] = set()
    for operation in api.limited():
        if operation.method == "GET" and operation.url() in lists:
            wanted = {name.lower() for name in {"limit", "cursor"} | lists[operation.url()]}
            query = {name for name, place in parameters(api, operation).items() if place == "query"}
            assert query == wanted, operation.name


@contract("5.openapi-routes", "5.openapi-errors")
@pytest.mark.order("last")
def test_every_response_of_this_run_was_as_documented(journal: Journal, api: OpenApi) -> None:
    assert journal.undocumented(api) == []
