"""Section 2 for requests that nobody thought of: no 500, and nothing that is not documented."""

import time
import urllib.parse
import uuid
from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from harness import Service, tally
from harness.console import say
from harness.waiting import free_port
from tests.fuzz import bodies, headers, openapi_run, queries, values
from tests.fuzz.probe import (
    FUZZED,
    JSON,
    Probe,
    as_body,
    details_of,
    is_id,
    spellings,
)
from tests.fuzz.wire import malformed, send_raw

from .fuzzed import NO_LIMITS, Target
from .stack import Stack, boot_settings

# The set with every type of field: what the other has is in it.
pytestmark = pytest.mark.stacks("a domain of its own")

# So few that a short run meets the end of each.
LIMITS = {
    "RATE_LIMIT_PUBLIC_PER_MINUTE": "30",
    "RATE_LIMIT_AUTHENTICATED_PER_MINUTE": "30",
    "RATE_LIMIT_LOGIN_PER_MINUTE": "2",
}


@pytest.fixture(scope="module")
def target(stack: Stack, urls: dict[str, str]) -> Iterator[Target]:
    boot = boot_settings(stack, free_port()) | NO_LIMITS
    service = Service(stack.project, stack.logs / "fuzz", urls, boot)
    try:
        yield Target(stack, service)
        assert service.stop()["api"] == 0
    finally:
        service.kill()
    stack.check_logs(service)


def test_an_owner_meets_nothing_that_is_not_documented(target: Target) -> None:
    told = target.schemathesis("owner", settings=target.logged_in())
    assert set(told.operations) == {
        operation.name for operation in target.owner.api.operations()
    }, "an operation was not called"
    for status in ("200", "201", "202", "204", "400", "401", "403", "404", "405", "415"):
        assert told.answered.get(status), f"nothing was answered {status}: {told.answered}"


def test_an_sdk_key_meets_nothing_that_is_not_documented(target: Target) -> None:
    api = target.owner.api
    creates = [
        f"--include-operation-id={operation.spec['operationId']}"
        for operation in api.operations()
        if "apiKey" in [api.scheme(name)["type"] for name in api.secured(operation)]
    ]
    told = target.schemathesis(
        "sdk-key",
        *creates,
        "--phases=coverage,fuzzing",
        # Or else it makes up bearer tokens besides.
        "--generation-with-security-parameters=false",
        settings=openapi_run.known(target.known(), share=0.7),
        headers={"X-API-Key": target.owner.seed.sdk_key},
    )
    assert len(told.operations) == len(target.owner.collections)
    assert told.answered.get("201"), told.answered


def test_a_caller_without_credentials_is_told_401(target: Target) -> None:
    told = target.schemathesis("nobody", "--phases=coverage")
    assert told.answered.get("401"), told.answered
    assert not told.answered.get("201"), told.answered


def test_a_refusal_over_the_limit_is_documented_like_all_else(target: Target) -> None:
    limited = target.service.start_api("limited", **LIMITS)
    some = [
        f"--include-path={target.stack.prefix}{url}"
        for url in ("/auth/token", target.owner.collections[0].url)
    ]
    for name, known in (("limited-owner", target.owner.headers), ("limited-nobody", {})):
        told = target.schemathesis(
            name,
            *some,
            "--phases=coverage",
            # Expects a 401 where the contract's answer is 429.
            "--exclude-checks=ignored_auth",
            api=limited,
            headers=known,
        )
        assert told.answered.get("429"), told.answered
    limited.stop(within=30)


@pytest.fixture(autouse=True)
def _stays_well(target: Target, request: pytest.FixtureRequest) -> Iterator[None]:
    """After each test it still answers, and nothing of what was sent has failed inside."""
    before = target.probe.sent
    began = time.monotonic()
    yield
    target.is_well()
    if sent := target.probe.sent - before:
        say(f"    {request.node.name}: {sent} requests in {time.monotonic() - began:.1f} s")
        tally.count("fuzz", cases=sent, failures=0)


@FUZZED
@given(st.data())
def test_a_body_is_judged_as_its_schema_says(target: Target, data: st.DataObject) -> None:
    probe = target.probe
    operation = probe.one_of(data, probe.with_bodies())
    path, valid = probe.aimed(operation)
    body = data.draw(bodies.around(valid), label="body")
    answer = probe.send(operation, path, [JSON], body, pieces=data.draw(st.sampled_from([0, 1, 7])))
    judged = bodies.verdict(body, *probe.fits(operation))
    if judged is bodies.Verdict.REFUSED:
        assert answer.status_code == 400, (judged, answer.text)
    elif judged is bodies.Verdict.TAKEN and answer.status_code == 400:
        assert all(name == "url" or name.endswith("Id") for name in details_of(answer) or "-"), body


@settings(FUZZED, max_examples=FUZZED.max_examples // 4)
@given(st.data())
def test_what_was_accepted_reads_back_equal(target: Target, data: st.DataObject) -> None:
    probe, owner = target.probe, target.owner
    collection = data.draw(st.sampled_from(owner.collections), label="collection")
    sampler = owner.sampler(collection)
    references = sampler.references()
    create = probe.operation("POST", collection.url)
    change = probe.operation("PATCH", f"{collection.url}/{{id}}")
    made = values.Values(owner.api, owner.api.schema_of(create), references)
    changes = values.Values(owner.api, owner.api.schema_of(change), references)
    bodies_in_turn = (
        (create, data.draw(made.bodies(), label="made")),
        (change, data.draw(changes.changes(), label="changed")),
    )
    kept: dict[str, Any] = {}
    url = collection.url
    for operation, sent in bodies_in_turn:
        answer = probe.send(operation, url, [JSON], as_body(sent))
        if answer.status_code == 409 and collection.unique:
            return
        assert answer.is_success, (sent, answer.text)
        row = answer.json()["data"]
        kept |= sent
        url = f"{collection.url}/{row['id']}"
        read = probe.send(probe.operation("GET", f"{collection.url}/{{id}}"), url, [])
        for shown in (row, read.json()["data"]):
            for name, value in kept.items():
                assert values.same(value, shown[name]) or sampler.same(name, value, shown[name])
    assert owner.delete(url).status_code == 204
    assert owner.get(url).status_code == 404


@FUZZED
@given(st.data())
def test_odd_headers_never_let_in_and_never_break(target: Target, data: st.DataObject) -> None:
    probe, owner, seed = target.probe, target.owner, target.owner.seed
    collection = owner.collections[0]
    token = owner.headers["Authorization"].removeprefix("Bearer ")
    creates = data.draw(st.booleans(), label="creates")
    operation = probe.operation("POST" if creates else "GET", collection.url)
    sent = data.draw(headers.credentials(seed, token), label="credentials")
    sent += data.draw(headers.accounts(seed, target.stranger.seed), label="account")
    wanted = headers.expected(sent, seed, token, sdk_route=creates)
    sent += data.draw(headers.others(), label="others")
    body = b""
    if creates:
        of_body = data.draw(headers.contents()) + data.draw(headers.keys())
        body = as_body(owner.sampler(collection).body())
        wanted = wanted or headers.expected_of_body(of_body)
        sent += of_body
    nobody = owner.service.anonymous(owner.ip)
    answer = probe.send(operation, collection.url, sent, body, caller=nobody)
    # A key may be drawn twice, and the body is another one then.
    taken = {200, 201, 409} if "Idempotency-Key" in dict(sent) else {200, 201}
    assert answer.status_code in (wanted or taken), (sent, answer.text)


@FUZZED
@given(st.data())
def test_a_query_is_in_order_or_refused(target: Target, data: st.DataObject) -> None:
    probe = target.probe
    operation = probe.one_of(data, probe.lists())
    url = operation.url()
    cursors = probe.cursors(url)
    query = data.draw(queries.strings(cursors), label="query")
    answer = probe.send(operation, f"{url}?{query}", [])
    allowed = {True: {200}, False: {400}, None: {200, 400}}
    judged = queries.verdict(query, probe.query_names(operation), cursors)
    assert answer.status_code in allowed[judged], (query, answer.text)


@FUZZED
@given(st.data())
def test_a_cursor_of_any_kind_leads_to_own_rows_alone(target: Target, data: st.DataObject) -> None:
    probe = target.probe
    operation = probe.one_of(data, probe.lists())
    url = operation.url()
    theirs = Probe(target.stranger).cursors(target.stranger.collections[0].url)
    genuine = [cursor for one in probe.lists() for cursor in probe.cursors(one.url())] + theirs
    cursor = data.draw(st.sampled_from(genuine).flatmap(queries.damaged), label="cursor")
    quoted = urllib.parse.quote(cursor)
    answer = probe.send(operation, f"{url}?limit=5&cursor={quoted}", [])
    if answer.status_code != 400:
        rows = answer.json()["data"]
        assert {row["id"] for row in rows} <= probe.own(url), "a row of somebody else"


@FUZZED
@given(st.data())
def test_a_path_names_an_own_row_or_nothing(target: Target, data: st.DataObject) -> None:
    probe = target.probe
    operation = probe.one_of(data, probe.by_id())
    collection, _, rest = operation.path.removeprefix(target.stack.prefix).partition("/{id}")
    own = probe.once_own(collection)
    # What is not there any more could not be named again.
    known = None if operation.method == "DELETE" else min(own, default=None)
    row_id = data.draw(st.sampled_from(spellings(known)) | st.text(max_size=40), label="id")
    path = f"{collection}/{urllib.parse.quote(row_id, safe='', errors='surrogatepass')}{rest}"
    body = as_body(probe.aimed(operation)[1]) if operation.has_body else b""
    answer = probe.send(operation, path, [JSON] if body else [], body)
    named = {str(uuid.UUID(row_id))} if is_id(row_id) else set()
    if not named & own:
        assert answer.status_code in (404, 405), (row_id, answer.text)


@FUZZED
@given(st.data())
def test_what_is_no_http_is_turned_away_without_a_word(target: Target, data: st.DataObject) -> None:
    url = target.owner.collections[0].url
    body = as_body(target.owner.sampler(target.owner.collections[0]).body())
    request = data.draw(malformed(target.owner, url, body), label="request")
    target.probe.sent += 1
    send_raw(target.api.base_url, request)
