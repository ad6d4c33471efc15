"""The places of an operation in which a caller can name something of a tenant's."""

from dataclasses import dataclass
from typing import Any

from suite.openapi import OpenApi, Operation

IDEMPOTENCY, ACCOUNT = "idempotency-key", "x-account-id"


class CannotFill(AssertionError):
    """An operation that nobody has taught the suite to aim: it must not pass untried."""


@dataclass(frozen=True)
class Places:
    parameters: set[str]
    # The fields of the body that name a row.
    references: list[str]


def places_of(api: OpenApi, operation: Operation) -> Places:
    """CannotFill for a place that nobody has thought about."""
    named: set[str] = set()
    for parameter in operation.spec["parameters"]:
        name, where = parameter["name"].lower(), parameter["in"]
        schema = narrow(parameter.get("schema", {}))
        if where == "path":
            known = operation.names_integration or schema.get("format") == "uuid"
        elif where == "query":
            known = name == "cursor" or "enum" in schema or schema.get("type") == "integer"
        else:
            known = where == "header" and name in (IDEMPOTENCY, ACCOUNT)
        if not known:
            raise CannotFill(f"{operation.name}: what is to be in {where} {parameter['name']}?")
        named.add(name)
    if operation.path.count("{") > 1:
        raise CannotFill(f"{operation.name}: names more than one row")
    return Places(named, _references(api, operation))


def narrow(schema: dict[str, Any]) -> dict[str, Any]:
    """What there is to choose from beside null, if it is one thing."""
    choices = [one for one in schema.get("anyOf", []) if one.get("type") != "null"]
    return choices[0] if len(choices) == 1 else schema


def _references(api: OpenApi, operation: Operation) -> list[str]:
    if not operation.has_body:
        return []
    schema = api.schema_of(operation)
    found = [
        name
        for name, spec in schema["properties"].items()
        if narrow(api.resolve(spec)).get("format") == "uuid"
    ]
    if _uuids(api, schema) != len(found):
        raise CannotFill(f"{operation.name}: its body names rows below its first level")
    return found


def _uuids(api: OpenApi, value: Any) -> int:
    """How many ids a schema asks for, at whatever depth."""
    value = api.resolve(value)
    if isinstance(value, dict):
        return (value.get("format") == "uuid") + sum(_uuids(api, one) for one in value.values())
    return sum(_uuids(api, one) for one in value) if isinstance(value, list) else 0
