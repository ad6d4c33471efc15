"""Makes a request that a route accepts, from the schemas of its input and the rows that exist."""

import itertools
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import uuid4

from pydantic.alias_generators import to_camel

from .catalogue import Catalogue
from .endpoints import Endpoint, Schema
from .project import INTEGRATIONS

USUAL_LENGTH = 8
START = datetime(2026, 1, 1, tzinfo=UTC)


class Examples:
    """All values differ, so that unique columns take them."""

    def __init__(self, catalogue: Catalogue, account_id: str, known: Mapping[str, Any]) -> None:
        self._catalogue = catalogue
        self._account_id = account_id
        self._known = {"integration": INTEGRATIONS[0], **known}
        self._numbers = itertools.count(1)

    async def url(self, endpoint: Endpoint, given: Mapping[str, Any]) -> str:
        """Its path, with rows that exist: `/orders/{id}` gets the id of an order."""
        url, table = "", ""
        for part in endpoint.path.split("/")[1:]:
            if not part.startswith("{"):
                table = part.replace("-", "_")
                url += f"/{part}"
                continue
            name = part.strip("{}").partition(":")[0]
            value = given.get(name, self._known.get(name))
            parameter = endpoint.declared_path.get(name)
            if value is None and parameter and not _is_id(parameter.schema):
                value = await self.of(parameter.schema)
            elif value is None:
                table = self._target(name) or table
                value = await self._catalogue.any_id(table, self._account_id) or uuid4()
            url += f"/{value}"
        return url

    async def required_query(self, endpoint: Endpoint) -> dict[str, Any]:
        return {
            name: await self.of(parameter.schema)
            for name, parameter in endpoint.query.items()
            if parameter.required
        }

    async def of(self, schema: Schema) -> Any:
        """A value that Pydantic takes for what has this schema."""
        return await self._value(schema, schema.get("$defs", {}), "")

    def _target(self, name: str) -> str | None:
        """The table that a field refers to, going by the columns that are foreign keys."""
        targets = {to_camel(key.columns[-1]): key.target for key in self._catalogue.foreign_keys}
        return targets.get(to_camel(name))

    async def _value(self, schema: Schema, definitions: Schema, name: str) -> Any:
        if name in self._known:
            return self._known[name]
        if "$ref" in schema:
            return await self._value(
                definitions[schema["$ref"].rpartition("/")[2]], definitions, name
            )
        for alternatives in ("anyOf", "oneOf", "allOf"):
            if alternatives in schema:
                return await self._value(schema[alternatives][0], definitions, name)
        if "const" in schema:
            return schema["const"]
        if "enum" in schema:
            return schema["enum"][0]
        if schema.get("type") == "array":
            return [await self._value(schema.get("items", {}), definitions, name)]
        if schema.get("type") == "object":
            return await self._object(schema, definitions)
        if schema.get("format") == "uuid":
            return await self._reference(name)
        return self._scalar(schema, name)

    async def _object(self, schema: Schema, definitions: Schema) -> dict[str, Any]:
        required = schema.get("required", ())
        content = {}
        for name, inner in schema.get("properties", {}).items():
            value = await self._value(inner, definitions, name)
            # An optional reference to a row that does not exist yet is left out.
            if value is not None or name in required:
                content[name] = value
        return content

    async def _reference(self, name: str) -> str | None:
        table = self._target(name)
        return await self._catalogue.any_id(table, self._account_id) if table else str(uuid4())

    def _scalar(self, schema: Schema, name: str) -> Any:
        number = next(self._numbers)
        match schema.get("type"), schema.get("format"):
            case "integer" | "number", _:
                return _within(number, schema)
            case "boolean", _:
                return True
            case "null", _:
                return None
            case "string", "date-time":
                return (START + timedelta(seconds=number)).isoformat().replace("+00:00", "Z")
            case "string", "date":
                return (START + timedelta(days=number)).date().isoformat()
            case "string", known if known == "uri" or name.lower().endswith("url"):
                return f"https://example.com/{number}"
            case "string", _:
                return _digits(number, schema)
        return {"number": number}


def _is_id(schema: Schema) -> bool:
    """Any text may be one: what declares it too loosely is R4's to say."""
    return schema.get("type") == "string" and not {"enum", "const", "pattern"} & schema.keys()


def _within(number: int, schema: Schema) -> int:
    lowest = int(schema.get("minimum", schema.get("exclusiveMinimum", -1) + 1))
    highest = int(schema.get("maximum", schema.get("exclusiveMaximum", 2**31)))
    return max(lowest, 0) + number % (highest - max(lowest, 0) + 1) if highest > 0 else highest


def _digits(number: int, schema: Schema) -> str:
    """Digits fit most patterns, a decimal's above all."""
    shortest, longest = schema.get("minLength", 1), schema.get("maxLength", USUAL_LENGTH)
    return str(number).zfill(max(shortest, min(USUAL_LENGTH, longest)))[-longest:]
