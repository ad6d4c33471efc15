"""Every operation of the OpenAPI document, aimed at what another tenant owns.

The document is the list, so a new route is in it by itself; one that cannot be aimed is an error. A
shot names something of the other tenant in one place; its twin names something that does not exist
there. The two answers must be the same.
"""

import re
import uuid
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from httpx2 import Response

from suite.caller import Caller
from suite.holdings import ROWS, Holdings, base_of
from suite.openapi import Operation
from suite.places import IDEMPOTENCY, CannotFill, Places, narrow, places_of

VOLATILE = {
    "content-length",
    "date",
    "x-ratelimit-remaining",
    "x-ratelimit-reset",
    "x-request-id",
    "x-response-time",
}
UUID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", re.IGNORECASE)
Arguments = dict[str, Any]


@dataclass(frozen=True)
class Shot:
    operation: Operation
    place: str
    url: str
    theirs: Arguments
    twin: Arguments | None = None
    twin_url: str = ""

    @property
    def name(self) -> str:
        return f"{self.operation.name}, {self.place}"


@dataclass(frozen=True)
class Attacker:
    """`inside` acts in another account; the others may do nothing anywhere."""

    name: str
    caller: Caller
    inside: bool = True
    owner: bool = False
    # A member of both accounts may name either.
    of_both: bool = False

    def may(self, shot: Shot) -> bool:
        return self.of_both and shot.place == "X-Account-Id"


def shots(
    theirs: Holdings, mine: Holdings, *, turn: int = 0, every_id: bool = False
) -> Iterator[Shot]:
    """Attackers of one account take turns: a key that was tried is their own from then on."""
    for operation in mine.user.api.limited():
        places = places_of(mine.user.api, operation)
        if not mine.user.api.secured(operation):
            yield from _open_shots(theirs, mine, operation)
            continue
        if operation.names_row:
            yield from _path_shots(theirs, mine, operation, every_id=every_id)
        for field in places.references:
            body = theirs.body_for(operation)
            yield _own(mine, operation, f"body {field}", {field: body[field]}, {field: _nobody()})
        if IDEMPOTENCY in places.parameters:
            key, sent = theirs.repeatable[operation.url()][turn % ROWS]
            yield _repetition(mine, operation, places, key, sent)
        if operation.method == "GET" and not operation.names_row:
            yield from _list_shots(theirs, operation, places)
        yield _account_shot(theirs, mine, operation)


def fire(theirs: Holdings, attacker: Attacker, shot: Shot) -> tuple[int, list[str]]:
    """How many calls it took, and what was wrong with the answers."""
    caller = attacker.caller.service.anonymous() if shot.place == "open" else attacker.caller
    request = caller.request
    answer = request(shot.operation.method, shot.url, **shot.theirs)
    problems = [f"holds {mark}" for mark in theirs.marks if mark in answer.text]
    if answer.status_code not in _allowed(attacker, shot):
        problems.append(f"answers {answer.status_code}: {answer.text[:200]}")
    calls = 1
    if shot.twin is not None:
        twin = request(shot.operation.method, shot.twin_url or shot.url, **shot.twin)
        calls += 1
        if told(answer) != told(twin):
            problems.append(f"tells {told(answer)} where nothing is: {told(twin)}")
    return calls, [f"{attacker.name}: {shot.name}: {problem}" for problem in problems]


def told(response: Response) -> dict[str, Any]:
    """What an answer tells, without what is another each time anyhow."""
    headers = {name: value for name, value in response.headers.items() if name not in VOLATILE}
    if response.is_success:
        body = response.json() if response.content else {}
        return {"status": response.status_code, "headers": headers, "body": _shape(body)}
    text = UUID.sub("an id", response.text)
    return {"status": response.status_code, "headers": headers, "text": text}


def _shape(value: Any) -> Any:
    """The fields, and what kind of value each has."""
    if isinstance(value, dict):
        return {name: _shape(one) for name, one in value.items()}
    return [_shape(one) for one in value] if isinstance(value, list) else type(value).__name__


def _allowed(attacker: Attacker, shot: Shot) -> set[int]:
    """By the contract; 403 comes before anything is looked for."""
    if shot.place == "open":
        return {401}
    if not attacker.inside:
        return {401, 403}
    if shot.place == "X-Account-Id":
        return {403}
    refused = set() if attacker.owner else {403}
    if shot.place == "path":
        return {404} | refused
    if shot.place.startswith("body "):
        return {400, 404} | refused
    if shot.place == "Idempotency-Key":
        return {201} | refused
    return {200, 400} | refused


def _nobody() -> str:
    return str(uuid.uuid4())


def _own_url(mine: Holdings, operation: Operation) -> str:
    return operation.url(mine.ids.get(base_of(operation), _nobody()))


def _json(body: dict[str, Any], over: dict[str, Any] | None = None) -> Arguments:
    return {"json": body | (over or {})} if body else {}


def _path_shots(
    theirs: Holdings, mine: Holdings, operation: Operation, *, every_id: bool
) -> Iterator[Shot]:
    right = theirs.ids[base_of(operation)]
    ids = {right, *(theirs.ids.values() if every_id else ())}
    for one in sorted(ids):
        body = _json(mine.body_for(operation))
        yield Shot(operation, "path", operation.url(one), body, body, operation.url(_nobody()))


def _own(
    mine: Holdings, operation: Operation, place: str, over: dict[str, Any], none: dict[str, Any]
) -> Shot:
    """Everything is the caller's own but for one field of the body."""
    body = mine.body_for(operation)
    url = _own_url(mine, operation)
    return Shot(operation, place, url, _json(body, over), _json(body, none), url)


def _repetition(
    mine: Holdings, operation: Operation, places: Places, key: str, sent: dict[str, Any]
) -> Shot:
    """Their key with their very body: what is unique is so within an account."""
    own = mine.body_for(operation)
    theirs = sent | {name: own[name] for name in places.references}
    return Shot(
        operation,
        "Idempotency-Key",
        operation.url(),
        {"headers": {"Idempotency-Key": key}, **_json(theirs)},
        {"headers": {"Idempotency-Key": _nobody()}, **_json(own)},
    )


def _list_shots(theirs: Holdings, operation: Operation, places: Places) -> Iterator[Shot]:
    yield Shot(operation, "list", operation.url(), {})
    if "cursor" in places.parameters:
        anything = next(iter(theirs.cursors.values()))
        cursor = theirs.cursors.get(operation.url(), anything)
        yield Shot(operation, "cursor", operation.url(), {"params": {"cursor": cursor}})
    for parameter in operation.spec["parameters"]:
        schema = narrow(parameter.get("schema", {}))
        values = schema.get("enum") or [schema.get("maximum")]
        for value in values if parameter["in"] == "query" else ():
            if value is not None:
                yield Shot(
                    operation, "filter", operation.url(), {"params": {parameter["name"]: value}}
                )


def _account_shot(theirs: Holdings, mine: Holdings, operation: Operation) -> Shot:
    """As if one were of their account, with nothing wrong but that."""
    url = _own_url(theirs, operation)
    body = _json(theirs.body_for(operation))
    return Shot(
        operation,
        "X-Account-Id",
        url,
        {"headers": {"X-Account-Id": theirs.user.seed.account_id}, **body},
        {"headers": {"X-Account-Id": _nobody()}, **body},
    )


def _open_shots(theirs: Holdings, mine: Holdings, operation: Operation) -> Iterator[Shot]:
    """Without credentials: an e-mail is all of another tenant's that can be named."""
    schema = mine.user.api.schema_of(operation) if operation.has_body else {"properties": {}}
    unknown = set(schema["properties"]) - {"email", "password", "refreshToken"}
    if unknown or operation.names_row:
        raise CannotFill(f"{operation.name}: open to everybody, and takes {sorted(unknown)}")
    body = mine.body_for(operation)
    over = {"email": theirs.user.seed.email} if "email" in body else {}
    none = {"email": f"{_nobody()}@example.com"} if "email" in body else {}
    yield Shot(operation, "open", operation.url(), _json(body, over), _json(body, none))
