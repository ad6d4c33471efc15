"""OpenAPI links, read off the paths: what one answer tells of the next request.

A document need not hold them, and with them create → get → patch → delete is walked for every
collection of every stack.
"""

from collections.abc import Iterator
from typing import Any

Json = dict[str, Any]


def add_links(document: Json) -> None:
    paths: dict[str, Json] = document["paths"]
    for path, item in paths.items():
        for method, pointer in _sources(item):
            for operation_id in _rows_below(paths, path):
                _link(item[method], operation_id, pointer)
        if path.endswith("/sync"):
            prefix = path.partition("/integrations/")[0]
            for operation_id in _rows_below(paths, f"{prefix}/jobs"):
                _link(item["post"], operation_id, "/jobId")


def _sources(item: Json) -> Iterator[tuple[str, str]]:
    """The methods of a collection that answer with a row, and where its id is."""
    if "201" in item.get("post", {}).get("responses", {}):
        yield "post", "/data/id"
    if "get" in item:
        yield "get", "/data/0/id"


def _rows_below(paths: dict[str, Json], collection: str) -> Iterator[str]:
    for path, item in paths.items():
        if path.startswith(f"{collection}/{{id}}"):
            yield from (operation["operationId"] for operation in item.values())


def _link(source: Json, operation_id: str, pointer: str) -> None:
    status = next(status for status in source["responses"] if status.startswith("2"))
    source["responses"][status].setdefault("links", {})[operation_id] = {
        "operationId": operation_id,
        "parameters": {"id": f"$response.body#{pointer}"},
    }
