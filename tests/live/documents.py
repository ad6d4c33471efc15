"""Two OpenAPI documents, held against each other as a caller reads them.

`python -m tests.live.documents one.json other.json` tells every difference, a line each. Words for
people (titles, descriptions, summaries) and names of handlers are not the API; of schemas that
JSON Schema takes for the same, one form is compared.
"""

import json
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

Json = dict[str, Any]

FOR_PEOPLE = {"title", "description", "summary", "operationId", "tags", "examples", "$schema"}
# They say nothing: what is left out means the same.
IDLE: Json = {"additionalProperties": True, "minLength": 0, "minItems": 0, "required": []}
METHODS = {"get", "put", "post", "patch", "delete", "head", "options"}
MISSING = "(nothing)"


def differences(one: Json, other: Json) -> list[str]:
    return list(_between("", _document(one), _document(other)))


def _document(document: Json) -> Json:
    components = document["components"]
    return {
        "openapi": document["openapi"],
        "paths": {
            path: {method: _operation(one[method]) for method in METHODS & one.keys()}
            for path, one in document["paths"].items()
        },
        "schemas": {name: _schema(one) for name, one in components["schemas"].items()},
        "headers": {name: _content(one) for name, one in components.get("headers", {}).items()},
        "securitySchemes": _plain(components.get("securitySchemes", {})),
    }


def _operation(operation: Json) -> Json:
    body = operation.get("requestBody")
    return {
        "parameters": {
            f"{one['in']} {one['name']}": {"required": one.get("required", False)} | _content(one)
            for one in operation.get("parameters", [])
        },
        "body": body and {"required": body.get("required", False)} | _content(body),
        "responses": {status: _content(one) for status, one in operation["responses"].items()},
        "security": _sorted(operation.get("security", [])),
    }


def _content(part: Json) -> Json:
    """A parameter, a header, a body or a response: what it holds, and what comes with it."""
    if "$ref" in part:
        return dict(part)
    told: Json = {}
    if "schema" in part:
        told["schema"] = _schema(part["schema"])
    if "content" in part:
        told["content"] = {kind: _content(one) for kind, one in part["content"].items()}
    if "headers" in part:
        told["headers"] = {name: _content(one) for name, one in part["headers"].items()}
    return told


def _schema(schema: Any) -> Any:
    if not isinstance(schema, dict):
        return schema
    told = {name: value for name, value in schema.items() if name not in FOR_PEOPLE}
    told = {name: value for name, value in told.items() if IDLE.get(name, ...) != value}
    if "const" in told:
        told["enum"] = [told.pop("const")]
    for name in ("properties", "$defs"):
        if name in told:
            told[name] = {key: _schema(value) for key, value in told[name].items()}
    for name in ("items", "additionalProperties", "not", "propertyNames"):
        if name in told:
            told[name] = _schema(told[name])
    for name in ("anyOf", "oneOf", "allOf"):
        if name in told:
            told[name] = _sorted([_schema(one) for one in told[name]])
    for name in ("required", "enum", "type"):
        if isinstance(told.get(name), list):
            told[name] = _sorted(told[name])
    return _with_null(told)


def _with_null(schema: Json) -> Json:
    """A choice of one type and null is that type or null."""
    choices = schema.get("anyOf", [])
    null = {"type": "null"}
    if len(choices) != 2 or null not in choices:
        return schema
    (other,) = [one for one in choices if one != null]
    if not isinstance(other.get("type"), str):
        return schema
    told: Json = {name: value for name, value in schema.items() if name != "anyOf"} | other
    if "enum" in told:
        told["enum"] = _sorted([*told["enum"], None])
    return told | {"type": _sorted([told["type"], "null"])}


def _plain(value: Any) -> Any:
    if isinstance(value, dict):
        return {name: _plain(one) for name, one in value.items() if name not in FOR_PEOPLE}
    return value


def _sorted(values: list[Any]) -> list[Any]:
    return sorted(values, key=lambda one: json.dumps(one, sort_keys=True))


def _between(where: str, one: Any, other: Any) -> Iterator[str]:
    if isinstance(one, dict) and isinstance(other, dict):
        for name in sorted(one.keys() | other.keys()):
            yield from _between(
                f"{where} › {name}", one.get(name, MISSING), other.get(name, MISSING)
            )
    elif one != other:
        yield f"{where.removeprefix(' › ')}: {_short(one)} ≠ {_short(other)}"


def _short(value: Any) -> str:
    return value if value == MISSING else json.dumps(value, sort_keys=True)[:300]


if __name__ == "__main__":
    first, second = (json.loads(Path(name).read_text("utf-8")) for name in sys.argv[1:3])
    found = differences(first, second)
    print("\n".join(found) or "the same API")
    sys.exit(bool(found))
