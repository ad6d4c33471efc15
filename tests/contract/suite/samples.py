"""Makes valid bodies out of their documented schema."""

import re
import secrets
from collections.abc import Callable, Collection
from datetime import datetime
from decimal import Decimal
from typing import Any

from suite.openapi import OpenApi

PATTERN_CANDIDATES = ("12.5", "7", "12.5000", "abc", "sample", "a@b.test", "https://a.test/")
OTHER_CANDIDATES = ("31.25", "8", "31.2500", "xyz", "other", "c@d.test", "https://c.test/")

Refer = Callable[[str, bool], str]


class Sampler:
    """`refer` gives the id of a row that a reference field may name, or of another one."""

    def __init__(
        self,
        api: OpenApi,
        schema: dict[str, Any],
        refer: Refer,
        unique: Collection[str] = (),
    ) -> None:
        self._api = api
        self._refer = refer
        self._unique = unique
        self.schema = schema
        self.required = set(schema.get("required", []))

    @property
    def fields(self) -> dict[str, dict[str, Any]]:
        return {name: self._api.resolve(spec) for name, spec in self.schema["properties"].items()}

    def references(self) -> dict[str, str]:
        """Ids for the reference fields, for several rows to share."""
        return {
            name: self.value(name)
            for name, spec in self.fields.items()
            if self._narrow(spec).get("format") == "uuid"
        }

    @property
    def optional(self) -> list[str]:
        return [name for name in self.fields if name not in self.required]

    def body(self, **over: Any) -> dict[str, Any]:
        """All fields, filled in."""
        return {name: self.value(name) for name in self.fields if name not in over} | over

    def least(self, **over: Any) -> dict[str, Any]:
        """The required fields only."""
        wanted = self.required - set(over)
        return {name: self.value(name) for name in self.fields if name in wanted} | over

    def value(self, name: str, other: bool = False) -> Any:
        """A valid value for a field; with `other`, a different one than without."""
        return self._make(name, self.fields[name], other)

    def changeable(self) -> str:
        """A field whose value and other value differ for certain."""
        for name, spec in self.fields.items():
            plain = self._kind(spec) != "object" and not name.endswith("Id")
            if plain and self.value(name) != self.value(name, other=True):
                return name
        raise AssertionError(f"no field that can change in {self.schema}")

    def same(self, name: str, sent: Any, got: Any) -> bool:
        """Whether a row's value is the one that was sent, however it is written."""
        if isinstance(sent, str) and isinstance(got, str) and sent != got:
            schema = self._narrow(self.fields[name])
            if schema.get("format") == "date-time":
                return datetime.fromisoformat(sent) == datetime.fromisoformat(got)
            if re.fullmatch(r"-?\d+(\.\d+)?", sent) and re.fullmatch(r"-?\d+(\.\d+)?", got):
                return Decimal(sent) == Decimal(got)
        return bool(sent == got)

    def _narrow(self, schema: dict[str, Any]) -> dict[str, Any]:
        """The one variant to make a value of: not null, a string when there is one."""
        schema = self._api.resolve(schema)
        choices = schema.get("anyOf") or schema.get("oneOf")
        if choices:
            resolved = [self._narrow(choice) for choice in choices]
            usable = [choice for choice in resolved if self._kind(choice) != "null"]
            strings = [choice for choice in usable if self._kind(choice) == "string"]
            return (strings or usable)[0]
        if "allOf" in schema and len(schema["allOf"]) == 1:
            return self._narrow(schema["allOf"][0])
        return schema

    def _kind(self, schema: dict[str, Any]) -> str:
        schema = self._api.resolve(schema)
        kind = schema.get("type")
        if isinstance(kind, list):
            kind = next(one for one in kind if one != "null")
        if kind is None and ("enum" in schema or "const" in schema):
            return "string"
        if kind is None and ("anyOf" in schema or "oneOf" in schema or "allOf" in schema):
            return self._kind(self._narrow(schema))
        return str(kind or "object")

    def _make(self, name: str, schema: dict[str, Any], other: bool) -> Any:
        schema = self._narrow(schema)
        if "const" in schema:
            return schema["const"]
        if "enum" in schema:
            return [one for one in schema["enum"] if one is not None][1 if other else 0]
        kind = self._kind(schema)
        if kind == "integer":
            return self._integer(name, schema, other)
        if kind == "string":
            return self._string(name, schema, other)
        plain = {
            "number": (1.5, 2.5),
            "boolean": (True, False),
            "array": ([], []),
            "object": ({"sample": 1}, {"sample": 2}),
        }
        return plain[kind][1 if other else 0]

    def _integer(self, name: str, schema: dict[str, Any], other: bool) -> int:
        low = max(int(schema.get("minimum", 0)), 0)
        if name in self._unique:
            return low + secrets.randbelow(2**31)
        return low + (7 if other else 3)

    def _string(self, name: str, schema: dict[str, Any], other: bool) -> str:
        if schema.get("format") == "uuid":
            return self._refer(name, other)
        if schema.get("format") == "date-time":
            return "2026-03-04T05:06:07Z" if other else "2026-01-02T03:04:05Z"
        if schema.get("format") == "decimal":
            return "31.25" if other else "12.5"
        if pattern := schema.get("pattern"):
            for candidate in OTHER_CANDIDATES if other else PATTERN_CANDIDATES:
                if re.search(pattern, candidate):
                    return candidate
        unique = f"{'other' if other else 'sample'} {secrets.token_hex(6)}"
        longest = schema.get("maxLength", len(unique))
        return unique[-longest:].ljust(schema.get("minLength", 0), "x")
