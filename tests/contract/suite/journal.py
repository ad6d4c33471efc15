"""Keeps every response of a run, each kind once, to be held against the OpenAPI document."""

import threading
from typing import Any

from httpx2 import Response

from suite.openapi import OpenApi


class Journal:
    def __init__(self) -> None:
        self._kept: dict[tuple[Any, ...], tuple[str, str, int, str, Any]] = {}
        self._lock = threading.Lock()

    def note(self, response: Response) -> None:
        request = response.request
        media = response.headers.get("content-type", "").split(";")[0].strip()
        if not response.content:
            media = ""
        body = response.json() if media == "application/json" else None
        path = request.url.path
        shape = tuple(sorted(body)) if isinstance(body, dict) else ()
        inner = body.get("data") if isinstance(body, dict) else None
        row = inner[0] if isinstance(inner, list) and inner else inner
        nulls = (
            tuple(sorted((k, v is None) for k, v in row.items())) if isinstance(row, dict) else ()
        )
        # Paths that differ in an id alone are one kind; so are rows with the same fields set.
        segments = tuple(part for part in path.split("/") if len(part) < 36)
        kind = (request.method, segments, response.status_code, shape, nulls)
        with self._lock:
            self._kept.setdefault(kind, (request.method, path, response.status_code, media, body))

    def undocumented(self, api: OpenApi) -> list[str]:
        with self._lock:
            kept = list(self._kept.values())
        return sorted({why for one in kept if (why := api.undocumented(*one))})
