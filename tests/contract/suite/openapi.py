"""Reads the service's OpenAPI document: operations, and whether a response is as documented."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from jsonschema import Draft202012Validator
from referencing import Registry
from referencing.jsonschema import DRAFT202012

METHODS = ("get", "post", "put", "patch", "delete")
DOCUMENT = "urn:openapi"
UNKNOWN_ID = "00000000-0000-4000-8000-000000000000"


@dataclass(frozen=True)
class Operation:
    method: str
    path: str
    spec: dict[str, Any]
    prefix: str
    integration: str

    @property
    def name(self) -> str:
        return f"{self.method} {self.path}"

    @property
    def has_body(self) -> bool:
        return "requestBody" in self.spec

    @property
    def names_row(self) -> bool:
        """Whether the path holds the id of a row."""
        return "{" in self.path and not self.names_integration

    @property
    def names_integration(self) -> bool:
        return "/integrations/{" in self.path

    def whole_url(self, row_id: str = UNKNOWN_ID) -> str:
        """The path with its parameter filled in."""
        value = self.integration if self.names_integration else row_id
        return re.sub(r"\{[^}]+\}", value, self.path)

    def url(self, row_id: str = UNKNOWN_ID) -> str:
        """… below the prefix."""
        return self.whole_url(row_id).removeprefix(self.prefix)


class OpenApi:
    def __init__(self, document: dict[str, Any], prefix: str, integration: str) -> None:
        self.document = document
        self.prefix = prefix
        self._integration = integration
        self._closed = closed(document)
        resource = DRAFT202012.create_resource(self._closed)
        self._registry: Registry[Any] = Registry().with_resource(DOCUMENT, resource)
        self._patterns: list[tuple[re.Pattern[str], str]] = [
            (re.compile(re.sub(r"\\\{[^}]+\\\}", "[^/]+", re.escape(path))), path)
            for path in sorted(document["paths"], key=lambda path: path.count("{"))
        ]

    def operations(self) -> Iterator[Operation]:
        for path, item in self.document["paths"].items():
            for method in METHODS:
                if method in item:
                    shared = item.get("parameters", [])
                    spec = {**item[method]}
                    spec["parameters"] = [*shared, *spec.get("parameters", [])]
                    yield Operation(method.upper(), path, spec, self.prefix, self._integration)

    def secured(self, operation: Operation) -> list[str]:
        """The names of the security schemes that an operation takes; empty when open."""
        required = operation.spec.get("security", self.document.get("security", []))
        return [name for choice in required for name in choice]

    def scheme(self, name: str) -> dict[str, Any]:
        scheme: dict[str, Any] = self.resolve(self.document["components"]["securitySchemes"][name])
        return scheme

    def resolve(self, value: Any) -> Any:
        """Follows a `$ref` within the document."""
        return self._resolve(value, self.document)

    @staticmethod
    def _resolve(value: Any, document: dict[str, Any]) -> Any:
        while isinstance(value, dict) and "$ref" in value:
            found: Any = document
            for part in value["$ref"].removeprefix("#/").split("/"):
                found = found[part.replace("~1", "/").replace("~0", "~")]
            value = found
        return value

    def limited(self) -> list[Operation]:
        """The operations under the prefix."""
        return [one for one in self.operations() if one.path.startswith(f"{self.prefix}/")]

    def body_schema(self, method: str, path: str) -> dict[str, Any]:
        wanted = (method, f"{self.prefix}{path}")
        return self.schema_of(
            next(one for one in self.operations() if (one.method, one.path) == wanted)
        )

    def schema_of(self, operation: Operation) -> dict[str, Any]:
        body = self.resolve(operation.spec["requestBody"])
        schema: dict[str, Any] = self.resolve(body["content"]["application/json"]["schema"])
        return schema

    def template(self, path: str) -> str | None:
        for pattern, template in self._patterns:
            if pattern.fullmatch(path):
                return template
        return None

    def undocumented(
        self, method: str, path: str, status: int, media: str, body: Any
    ) -> str | None:
        """Why the response is not as documented, or None."""
        template = self.template(path)
        item = self._closed["paths"].get(template, {})
        if template is None or method.lower() not in item:
            # No operation, so nothing to be documented: a 404 or a 405.
            return None
        responses = item[method.lower()]["responses"]
        response = self._resolve(responses.get(str(status)), self._closed)
        if response is None:
            return f"{method} {template}: {status} is not documented"
        content = response.get("content", {})
        if not media:
            return f"{method} {template} {status}: documents a body" if content else None
        documented = next((content[name] for name in content if name.split(";")[0] == media), None)
        if documented is None:
            return f"{method} {template} {status}: {media} is not documented"
        if media != "application/json" or "schema" not in documented:
            return None
        validator = Draft202012Validator(
            {
                "$schema": "https://json-schema.org/draft/2020-12/schema",
                **self._absolute(documented),
            },
            registry=self._registry,
        )
        errors = [
            f"{'/'.join(map(str, error.absolute_path)) or 'body'}: {error.message[:200]}"
            for error in validator.iter_errors(body)
        ]
        return f"{method} {template} {status}: {'; '.join(errors)}" if errors else None

    @staticmethod
    def _absolute(documented: dict[str, Any]) -> dict[str, Any]:
        def absolute(value: Any) -> Any:
            if isinstance(value, dict):
                return {
                    key: f"{DOCUMENT}{inner}"
                    if key == "$ref" and isinstance(inner, str) and inner.startswith("#")
                    else absolute(inner)
                    for key, inner in value.items()
                }
            return [absolute(inner) for inner in value] if isinstance(value, list) else value

        schema: dict[str, Any] = absolute(documented["schema"])
        return schema


def closed(document: dict[str, Any]) -> dict[str, Any]:
    """The document with its object schemas closed: a field that is not documented is an error.

    Parts that `allOf` puts together stay open: each of them names some of the fields only.
    """
    parts = set(_parts(document))

    def close(value: Any, at: str) -> Any:
        if isinstance(value, list):
            return [close(inner, f"{at}/{number}") for number, inner in enumerate(value)]
        if not isinstance(value, dict):
            return value
        made = {key: close(inner, f"{at}/{key}") for key, inner in value.items()}
        if isinstance(value.get("properties"), dict) and at not in parts:
            made.setdefault("unevaluatedProperties", False)
        return made

    result: dict[str, Any] = close(document, "#")
    return result


def _parts(value: Any, at: str = "#") -> Iterator[str]:
    """The places of the schemas within an `allOf`."""
    if isinstance(value, list):
        for number, inner in enumerate(value):
            yield from _parts(inner, f"{at}/{number}")
    elif isinstance(value, dict):
        for number, inner in enumerate(value.get("allOf", [])):
            yield inner.get("$ref", f"{at}/allOf/{number}")
        for key, inner in value.items():
            yield from _parts(inner, f"{at}/{key}")
