"""Any value that a documented schema allows, as far as the contract allows it."""

from collections.abc import Callable
from datetime import datetime, timedelta, timezone
from typing import Any

from hypothesis import strategies as st

from suite.openapi import OpenApi

# Every legal character: neither NUL nor half a surrogate pair.
CHARACTERS = st.characters(exclude_categories=["Cs"], exclude_characters="\0")
MAX_SAFE = 2**53 - 1


def json_objects() -> st.SearchStrategy[dict[str, Any]]:
    numbers = st.integers(-MAX_SAFE, MAX_SAFE) | st.floats(allow_nan=False, allow_infinity=False)
    plain = st.none() | st.booleans() | numbers | st.text(CHARACTERS, max_size=20)
    names = st.text(CHARACTERS, max_size=10)
    anything = st.recursive(
        plain,
        lambda inner: st.lists(inner, max_size=3) | st.dictionaries(names, inner, max_size=3),
        max_leaves=10,
    )
    return st.dictionaries(names, anything, max_size=4)


class Values:
    """`references` gives the ids that fields naming other rows may have."""

    def __init__(self, api: OpenApi, schema: dict[str, Any], references: dict[str, str]) -> None:
        self._api = api
        self._schema = schema
        self._references = references

    def bodies(self) -> st.SearchStrategy[dict[str, Any]]:
        fields = {name: self._field(name) for name in self._schema["properties"]}
        required = set(self._schema.get("required", []))
        return st.fixed_dictionaries(
            {name: values for name, values in fields.items() if name in required},
            optional={name: values for name, values in fields.items() if name not in required},
        )

    def changes(self) -> st.SearchStrategy[dict[str, Any]]:
        fields = {name: self._field(name) for name in self._schema["properties"]}
        return st.fixed_dictionaries({}, optional=fields).filter(bool)

    def _field(self, name: str) -> st.SearchStrategy[Any]:
        if name in self._references:
            return st.just(self._references[name])
        return self._values(self._schema["properties"][name])

    def _values(self, schema: dict[str, Any]) -> st.SearchStrategy[Any]:
        schema = self._api.resolve(schema)
        if "anyOf" in schema:
            return st.one_of([self._values(inner) for inner in schema["anyOf"]])
        if "enum" in schema:
            return st.sampled_from(schema["enum"])
        makers: dict[str, Callable[[], st.SearchStrategy[Any]]] = {
            "null": st.none,
            "boolean": st.booleans,
            "integer": lambda: st.integers(schema["minimum"], schema["maximum"]),
            "string": lambda: _strings(schema),
            "object": json_objects,
        }
        return makers[schema["type"]]()


def _strings(schema: dict[str, Any]) -> st.SearchStrategy[str]:
    if schema.get("format") == "date-time":
        return _moments()
    if "pattern" in schema:
        return st.from_regex(schema["pattern"], fullmatch=True)
    least, most = schema.get("minLength", 0), schema.get("maxLength", 2000)
    edges = [char * most for char in ("x", "🎉", " ", "\x01")]
    return st.text(CHARACTERS, min_size=least, max_size=most) | st.sampled_from(edges)


def _moments() -> st.SearchStrategy[str]:
    zones = st.integers(-14 * 60, 14 * 60).map(lambda minutes: timezone(timedelta(minutes=minutes)))
    moments = st.datetimes(datetime(2, 1, 1), datetime(9998, 1, 1), timezones=zones)  # noqa: DTZ001
    return moments.map(datetime.isoformat)


def same(sent: Any, got: Any) -> bool:
    """As JSON values: a number is a double, however it is written."""
    if isinstance(sent, bool) or isinstance(got, bool):
        return sent is got
    if isinstance(sent, int | float) and isinstance(got, int | float):
        return float(sent) == float(got)
    if isinstance(sent, dict) and isinstance(got, dict):
        return set(sent) == set(got) and all(same(sent[name], got[name]) for name in sent)
    if isinstance(sent, list) and isinstance(got, list):
        return len(sent) == len(got) and all(map(same, sent, got))
    return bool(sent == got)
