"""What schemathesis cannot read from the document. Its own process loads this module.

Whatever is told apart here is told apart by contract.md, and no more of a check is given up than
the one sentence beside it says.
"""

import atexit
import json
import os
from collections import Counter
from pathlib import Path
from typing import Any

import schemathesis
from httpx2 import Request, Response
from schemathesis.core.failures import Failure
from schemathesis.openapi.checks import MissingHeaderNotRejected, RejectedPositiveData

from suite.checks import every_response
from tests.fuzz.links import add_links

PREFIX = os.environ["FUZZ_PREFIX"]
COUNTS = Path(os.environ["FUZZ_COUNTS"])
CREDENTIALS = ("authorization", "x-api-key")

answered: Counter[str] = Counter()
operations: set[str] = set()


@schemathesis.hook
def before_load_schema(context: Any, raw_schema: dict[str, Any]) -> None:
    add_links(raw_schema)


@schemathesis.hook
def after_call(context: Any, case: Any, response: Any) -> None:
    operations.add(case.operation.label)
    answered[str(response.status_code)] += 1


@schemathesis.hook
def filter_failure(context: Any, failure: Failure, case: Any, response: Any) -> bool:
    """Whether it is one."""
    if isinstance(failure, MissingHeaderNotRejected):
        # Without credentials: 401 while the address is under its limit, 429 from then on.
        return bool(response.status_code != 429)
    if isinstance(failure, RejectedPositiveData) and response.status_code == 400:
        # Two kinds of credentials at once.
        if set(CREDENTIALS) <= {name.lower() for name in response.request.headers}:
            return False
        wrong = {detail["path"] for detail in response.json().get("details", [])}
        return not wrong or not all(map(beyond_schemas, wrong))
    return True


def beyond_schemas(field: str) -> bool:
    """Whether a value that fits its schema may be refused all the same."""
    # Opaque: only what a list gave as nextCursor is one.
    if field == "cursor":
        return True
    # Which addresses are refused (private ones, with credentials) depends on more than the text.
    if field == "url":
        return True
    # The row that it names must be there.
    return field.endswith("Id")


@schemathesis.check
def answers_as_section_2_says(context: Any, response: Any, case: Any) -> None:
    sent = response.request
    if sent.method == "HEAD":
        return
    headers = [(name, value) for name, values in response.headers.items() for value in values]
    every_response(
        Response(
            response.status_code,
            headers=headers,
            content=response.content,
            request=Request(sent.method, sent.url),
        ),
        PREFIX,
        sent.headers.get("X-Request-Id"),
    )


@atexit.register
def tell() -> None:
    told = {"operations": sorted(operations), "answered": dict(answered)}
    COUNTS.write_text(json.dumps(told), encoding="utf-8")
