"""Section 8: the logs, where tenants.json names their files."""

import json
import uuid
from pathlib import Path
from typing import Any

import pytest

from conftest import NewKey
from logs import check_log_line, is_request_line
from suite.caller import Caller, Service
from suite.checks import expect
from suite.openapi import UNKNOWN_ID
from suite.tenants import Collection, Tenants
from suite.upstream import Upstream, found
from suite.users import User
from suite.waiting import wait_for
from test_jobs import ended

contract = pytest.mark.contract
api_logs = pytest.mark.applies(api_logs=True)
worker_logs = pytest.mark.applies(worker_logs=True)


def lines_with(files: list[Path], text: str) -> list[dict[str, Any]]:
    return [
        json.loads(line)
        for file in files
        for line in file.read_text(encoding="utf-8").splitlines()
        if text in line
    ]


def request_lines(tenants: Tenants, request_id: str) -> list[dict[str, Any]]:
    def written() -> list[dict[str, Any]]:
        return [one for one in lines_with(tenants.api_logs, request_id) if is_request_line(one)]

    return wait_for(written, f"the line of request {request_id}")


@contract("8.request-line", "8.one-line", "2.request-id-logged", "8.json-lines")
@api_logs
def test_each_request_has_one_line(
    owner: User, anonymous: Caller, tenants: Tenants, collection: Collection
) -> None:
    row = owner.create(collection)
    url = f"{collection.url}/{row['id']}"
    requests: list[tuple[Caller, str, str, int]] = [
        (owner, "GET", collection.url, 200),
        (owner, "GET", url, 200),
        (owner, "GET", f"{collection.url}/{UNKNOWN_ID}", 404),
        (owner, "PUT", collection.url, 405),
        (anonymous, "GET", collection.url, 401),
        (owner, "DELETE", url, 204),
    ]
    for caller, method, path, status in requests:
        request_id = f"log-{uuid.uuid4()}"
        expect(caller.request(method, path, headers={"X-Request-Id": request_id}), status)
        (line,) = request_lines(tenants, request_id)
        check_log_line(line, tenants.prefix)
        assert (line["method"], line["status"], line["requestId"]) == (method, status, request_id)
        assert collection.path in line["route"] or status == 405
        if caller is owner and status != 405:
            assert (line["userId"], line["accountId"]) == (
                owner.seed.user_id,
                owner.seed.account_id,
            )
        if caller is anonymous:
            assert (line["userId"], line["accountId"]) == (None, None)


@contract("8.unmatched")
@api_logs
@pytest.mark.parametrize("outside", [True, False])
def test_a_route_that_is_none_is_unmatched(
    anonymous: Caller, tenants: Tenants, outside: bool
) -> None:
    request_id = f"log-{uuid.uuid4()}"
    caller = anonymous.root if outside else anonymous
    expect(caller.get("/nowhere/at-all", headers={"X-Request-Id": request_id}), 404)
    (line,) = request_lines(tenants, request_id)
    assert line["route"] == "unmatched"


@contract("8.request-line")
@api_logs
def test_the_line_of_a_key_has_the_account_and_no_user(
    owner: User, service: Service, tenants: Tenants, first: Collection, new_key: NewKey
) -> None:
    request_id = f"log-{uuid.uuid4()}"
    key = service.sdk(new_key(owner)).with_headers(X_Request_Id=request_id)
    expect(key.post(first.url, json=owner.sampler(first).body()), 201)
    (line,) = request_lines(tenants, request_id)
    assert (line["userId"], line["accountId"]) == (None, owner.seed.account_id)


@contract("8.job-lines")
@worker_logs
def test_the_lines_of_a_job_have_the_id_of_its_request(
    owner: User, tenants: Tenants, upstream: Upstream
) -> None:
    upstream.answers(owner.seed.main_id, [found()])
    request_id = f"log-{uuid.uuid4()}"
    started = owner.post(
        f"/integrations/{tenants.integration}/sync",
        json={"mainEntityId": owner.seed.main_id},
        headers={"X-Request-Id": request_id},
    )
    ended(owner, expect(started, 202)["jobId"])
    lines = wait_for(lambda: lines_with(tenants.worker_logs, request_id), "the job's line")
    for line in lines:
        check_log_line(line, tenants.prefix)
        assert line["requestId"] == request_id


@contract("8.json-lines", "1.stdout", "8.no-secrets", "8.one-line")
@api_logs
@worker_logs
@pytest.mark.order("last")
def test_every_line_of_the_run_is_a_log_line_without_secrets(
    a: User, service: Service, tenants: Tenants, first: Collection, new_key: NewKey
) -> None:
    seeds = [*tenants.seeds.values(), *tenants.spares]
    content = f"body-{uuid.uuid4().hex}"
    key = new_key(a)
    field = next(
        (
            name
            for name, spec in a.sampler(first).fields.items()
            if spec.get("type") == "string" and not {"enum", "format", "pattern"} & set(spec)
        ),
        None,
    )
    over = {field: content} if field else {}
    expect(service.sdk(key).post(first.url, json=a.sampler(first).body(**over)), 201)
    expect(a.post(first.url, json={**over, content: content}), 400)
    expect(a.send("POST", first.url, f'{{"{content}'), 400)
    secrets = {content, key, tenants.settings.text("JWT_SECRET")}
    secrets |= {tenants.integration_setting("API_KEY"), *service.tokens.values()}
    secrets |= {seed.password for seed in seeds} | {seed.sdk_key for seed in seeds}
    secrets.discard("")
    for file in [*tenants.api_logs, *tenants.worker_logs]:
        text = file.read_text(encoding="utf-8")
        assert [one for one in secrets if one in text] == [], file
        for line in text.splitlines():
            check_log_line(json.loads(line), tenants.prefix)
