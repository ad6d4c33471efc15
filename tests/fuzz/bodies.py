"""Bodies near and far from valid ones, and what the contract says of each."""

import json
import math
from collections.abc import Callable
from enum import Enum
from typing import Any

from hypothesis import strategies as st

MAX_DEPTH = 64
NASTY_JSON = [
    '"\\u0000"', '"\\ud800"', '"\\udfff\\ud800"', '"\\ud83c\\udf89"', '"\\u2028"', '""', '"\x7f"',
    "1e999", "-1e999", "1e308", "5e-324", "-0.0", "9" * 400, "9007199254740993", "0.1e1", "01",
    "NaN", "Infinity", "-Infinity", "+1", ".5", "1.", "0x10", "1_000", "null", "true", "[]", "{}",
    '{"a": {"b": [1, {"c": null}]}}', '"not closed', "'single'", "// remark", "undefined", "[1,]",
    "[" * 63 + "]" * 63, "[" * 70 + "]" * 70, "[" * 20_000, '{"a":' * 70 + "1" + "}" * 70,
    '"12.5"', '"positive"', '"2026-01-02T03:04:05Z"', '"00000000-0000-4000-8000-000000000000"',
    '"' + "x" * 1001 + '"', '"' + "🎉" * 1000 + '"', "100", "101", "-1", "8.0", "1E2",
]  # fmt: skip
AROUND = [b"", b" ", b"\n\t ", b"\xef\xbb\xbf", b"x", b"{}", b",", b"\x00", b"\xff", b"//", b"]"]


class Verdict(Enum):
    """Of a body alone: it may still name a row that is not there, or a value that is taken."""

    REFUSED = "400"
    TAKEN = "anything but 400"
    OPEN = "either: the contract does not say"


class _Illegal(Exception):
    pass


def around(valid: dict[str, Any]) -> st.SearchStrategy[bytes]:
    """Bodies of an operation that takes the valid one."""
    return st.one_of(
        st.binary(max_size=40),
        st.sampled_from(NASTY_JSON).map(str.encode),
        _json_values().map(_dumped),
        _with_a_nasty_field(valid),
        _with_a_nasty_field(valid),
        st.tuples(st.sampled_from(AROUND), st.just(_dumped(valid)), st.sampled_from(AROUND)).map(
            b"".join
        ),
        st.sampled_from(["utf-16", "utf-32", "utf-8-sig", "utf-16-le"]).map(
            json.dumps(valid).encode
        ),
        _damaged(_dumped(valid)),
    )


def _dumped(value: Any) -> bytes:
    return json.dumps(value, ensure_ascii=False).encode("utf-8", "surrogatepass")


def _json_values() -> st.SearchStrategy[Any]:
    plain = st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=10)
    return st.recursive(
        plain,
        lambda inner: (
            st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3)
        ),
        max_leaves=8,
    )


@st.composite
def _with_a_nasty_field(draw: Callable[..., Any], valid: dict[str, Any]) -> bytes:
    """One field, known or not, named once or twice, holds something odd."""
    name = draw(st.sampled_from([*valid, "unknownField", "__proto__", "", "ID"]))
    odd = draw(st.sampled_from(NASTY_JSON) | _json_values().map(json.dumps))
    fields = {key: json.dumps(value) for key, value in valid.items()} | {name: odd}
    written = [f"{json.dumps(key)}: {value}" for key, value in fields.items()]
    if draw(st.integers(0, 7)) == 0:
        written.append(draw(st.sampled_from(written)))
    if draw(st.integers(0, 7)) == 0:
        written.remove(draw(st.sampled_from(written)))
    return ("{" + ", ".join(written) + "}").encode("utf-8", "surrogatepass")


@st.composite
def _damaged(draw: Callable[..., Any], body: bytes) -> bytes:
    """A few bytes cut out or put in."""
    at: int = draw(st.integers(0, len(body)))
    put: bytes = draw(st.binary(max_size=3))
    return body[:at] + put + body[at + draw(st.integers(0, 4)) :]


def verdict(
    body: bytes, fits: Callable[[Any], bool], fits_roughly: Callable[[Any], bool]
) -> Verdict:
    """`fits` holds the value against the documented schema; roughly: without its formats."""
    repeated: list[str] = []
    try:
        value = json.loads(
            body.decode("utf-8"),
            parse_float=_double,
            parse_int=_whole,
            parse_constant=_constant,
            object_pairs_hook=lambda pairs: _object(pairs, repeated),
        )
        _judge(value, 1)
    except (ValueError, RecursionError, _Illegal):
        return Verdict.REFUSED
    if not fits_roughly(value):
        # A field that comes twice may be judged by either of its values.
        return Verdict.OPEN if repeated else Verdict.REFUSED
    return Verdict.TAKEN if fits(value) and not repeated else Verdict.OPEN


def _double(literal: str) -> float:
    number = float(literal)
    if math.isinf(number):
        raise _Illegal
    return number


def _whole(literal: str) -> int:
    _double(literal)
    return int(literal)


def _constant(literal: str) -> float:
    raise _Illegal


def _object(pairs: list[tuple[str, Any]], repeated: list[str]) -> dict[str, Any]:
    made = dict(pairs)
    if len(made) < len(pairs):
        repeated.append("a name")
    for key, _ in pairs:
        _judge(key, 1)
    return made


def _judge(value: Any, depth: int) -> None:
    if isinstance(value, str) and ("\0" in value or any("\ud800" <= c <= "\udfff" for c in value)):
        raise _Illegal
    if isinstance(value, dict | list):
        if depth > MAX_DEPTH:
            raise _Illegal
        for inner in value.values() if isinstance(value, dict) else value:
            _judge(inner, depth + 1)
