"""All routes of the application with their full paths, as its router sees them."""

from collections.abc import Iterator
from typing import Any

from fastapi import FastAPI
from fastapi.routing import iter_route_contexts
from starlette.routing import compile_path
from starlette.types import Scope

UNMATCHED = "unmatched"


class RouteTable:
    def __init__(self, app: FastAPI) -> None:
        self._entries = [
            (compile_path(context.path)[0], context.path, context.methods or set(), context)
            for context in iter_route_contexts(app.routes)
            if context.path
        ]
        self._patterns = {context.endpoint: path for _, path, _, context in self._entries}

    def pattern_of(self, scope: Scope) -> str:
        """The pattern of the route that took the request, for logs and metrics."""
        return self._patterns.get(scope.get("endpoint"), UNMATCHED)

    def allowed(self, path: str) -> str:
        """Every method that some route takes at this path, for the Allow header."""
        methods = {
            method
            for regex, _, methods, _ in self._entries
            if regex.match(path)
            for method in methods
        }
        return ", ".join(sorted(methods))

    def __iter__(self) -> Iterator[tuple[str, str, Any]]:
        """Yields (method, path, route context)."""
        for _, path, methods, context in self._entries:
            for method in sorted(methods):
                yield method, path, context
