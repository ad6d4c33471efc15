"""Sends what a client library would put right, and holds every answer against the contract."""

import json
import os
import uuid
from collections.abc import Callable
from typing import Any

from httpx2 import Request, Response
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from jsonschema import Draft202012Validator, FormatChecker
from referencing import Registry
from referencing.jsonschema import DRAFT202012

from suite.caller import Caller
from suite.checks import every_response, expect
from suite.openapi import DOCUMENT, UNKNOWN_ID, Operation
from suite.rawhttp import chunks, exchange
from suite.users import User

Headers = list[tuple[str, str]]
JSON = ("Content-Type", "application/json")
# Nobody listens there; what counts is the registration.
HOOK = "http://127.0.0.1:9/hook"
# The same in every run: CI must not find something new in a change that has nothing to do with it.
FUZZED = settings(
    max_examples=int(os.environ.get("FUZZ_EXAMPLES", "40")) * 5,
    derandomize=True,
    database=None,
    deadline=None,
    suppress_health_check=list(HealthCheck),
)


class Probe:
    def __init__(self, user: User) -> None:
        self.user = user
        self.sent = 0
        self._operations = user.api.limited()
        self._aimed: dict[str, str] = {}
        self._cursors: dict[str, list[str]] = {}
        self._own: dict[str, set[str]] = {}

    def send(
        self,
        operation: Operation,
        path: str,
        headers: Headers,
        body: bytes = b"",
        *,
        caller: Caller | None = None,
        pieces: int = 0,
    ) -> Response:
        """`path` is below the prefix and may hold a query; with `pieces`, chunks of that size."""
        self.sent += 1
        caller = caller or self.user
        if pieces:
            headers, body = [*headers, ("Transfer-Encoding", "chunked")], chunks(body, pieces)
        elif operation.has_body:
            headers = [*headers, ("Content-Length", str(len(body)))]
        raw = exchange(caller, operation.method, path, headers, body=body)
        url = f"{caller.service.base_url}{operation.path}"
        answer = Response(
            raw.status,
            headers=raw.headers,
            content=raw.body,
            request=Request(operation.method, url),
        )
        given = [value for name, value in headers if name.lower() == "x-request-id"]
        every_response(answer, self.user.api.prefix, given[0].strip(" \t") if given else None)
        complaint = self.user.api.undocumented(
            operation.method,
            operation.whole_url(),
            raw.status,
            answer.headers.get("content-type", ""),
            answer.json() if raw.body else None,
        )
        assert complaint is None, complaint
        return answer

    def operation(self, method: str, url: str) -> Operation:
        wanted = (method, f"{self.user.api.prefix}{url}")
        return next(one for one in self._operations if (one.method, one.path) == wanted)

    @staticmethod
    def one_of(data: st.DataObject, operations: list[Operation]) -> Operation:
        by_name = {one.name: one for one in operations}
        return by_name[data.draw(st.sampled_from(list(by_name)), label="operation")]

    def with_bodies(self) -> list[Operation]:
        """All but the log-in, which is slow on purpose."""
        return [one for one in self._operations if one.has_body and one.url() != "/auth/token"]

    def lists(self) -> list[Operation]:
        return [one for one in self._operations if "cursor" in self.query_names(one)]

    def by_id(self) -> list[Operation]:
        return [one for one in self._operations if one.names_row]

    def query_names(self, operation: Operation) -> set[str]:
        told = [self.user.api.resolve(one) for one in operation.spec["parameters"]]
        return {one["name"] for one in told if one["in"] == "query"}

    def aimed(self, operation: Operation) -> tuple[str, dict[str, Any]]:
        """A path that leads to a row of the user's, and a body that fits there."""
        if operation.name not in self._aimed:
            url = operation.url()
            for collection in self.user.collections:
                if collection.holds(url) and operation.names_row:
                    url = operation.url(self.user.create(collection)["id"])
            if operation.path.endswith("/health-score"):
                url = operation.url(self.user.seed.main_id)
            self._aimed[operation.name] = url
        return self._aimed[operation.name], self.user.body_for(operation)["json"]

    def fits(self, operation: Operation) -> tuple[Callable[[Any], bool], Callable[[Any], bool]]:
        """Whether a value is as documented: with its formats, and without."""
        registry: Registry[Any] = Registry().with_resource(
            DOCUMENT, DRAFT202012.create_resource(self.user.api.document)
        )
        body = self.user.api.resolve(operation.spec["requestBody"])
        schema = {"$ref": f"{DOCUMENT}{body['content']['application/json']['schema']['$ref']}"}
        checker = FormatChecker(["uuid", "date-time"])
        exact = Draft202012Validator(schema, registry=registry, format_checker=checker)
        return exact.is_valid, Draft202012Validator(schema, registry=registry).is_valid

    def cursors(self, url: str) -> list[str]:
        """The next one of a first page, if there is a second."""
        if url not in self._cursors:
            page = expect(self.user.get(url, params={"limit": 1}), 200)
            self._cursors[url] = [page["nextCursor"]] if page["nextCursor"] else []
        return self._cursors[url]

    def once_own(self, url: str) -> set[str]:
        """The same as they were when this was first asked."""
        if url not in self._own:
            self._own[url] = self.own(url)
        return self._own[url]

    def own(self, url: str) -> set[str]:
        """The ids of all rows of a list; nothing for what has no list."""
        if url not in [one.url() for one in self.lists()]:
            return set()
        return {row["id"] for row in self.user.rows(url)}


def stock(user: User) -> None:
    """A few rows in every list, so that each has a second page."""
    event = f"{user.collections[0].entity}.created"
    for _ in range(3):
        expect(user.post("/sdk-keys", json={"name": "fuzzed"}), 201)
        expect(user.post("/webhook-endpoints", json={"url": HOOK, "eventTypes": [event]}), 201)
        for collection in user.collections:
            user.create(collection)


def spellings(known: str | None) -> list[str]:
    """Ways to write the id of a row, and ids of none."""
    odd = ["", ".", "..", "%", "%2e", "null", "0", "*", "\0", "a/b", "\\", UNKNOWN_ID, "\ud800"]
    one = known or UNKNOWN_ID
    odd += [one.upper(), one.replace("-", ""), f"{{{one}}}", f"urn:uuid:{one}", f" {one}"]
    odd += [f"{one}\n", f"{one}/", f"{one};x", one[:-1], f"{one}\0"]
    return [known, *odd] if known else odd


def is_id(text: str) -> bool:
    """Whether it is a UUID in any of its spellings."""
    try:
        uuid.UUID(text)
    except ValueError:
        return False
    return True


def details_of(answer: Response) -> set[str]:
    return {detail["path"] for detail in answer.json().get("details", [])}


def as_body(value: Any) -> bytes:
    return json.dumps(value, ensure_ascii=False).encode()
