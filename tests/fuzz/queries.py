"""Query strings and cursors near and far from valid ones."""

import re
from collections import Counter
from urllib.parse import parse_qsl

from hypothesis import strategies as st

NAMES = ["limit", "cursor", "status", "healthBelow"]
ODD = ["", "0", "1", "100", "101", "-1", "+5", "05", "1.5", "5.0", "1e1", "%20", "%00", "%ff",
       "%zz", "%", "null", "true", "pending", "delivered", "PENDING", "%D9%A3", "1_0", "x" * 300,
       "50,50", "[]"]  # fmt: skip
RAW = st.text(
    st.characters(min_codepoint=33, max_codepoint=126, exclude_characters="#"), max_size=20
)
WHOLE = re.compile(r"0|[1-9][0-9]*")
# Numbers that the contract says nothing of: refused by some, read by others.
LENIENT = re.compile(r"\s*[+-]?[0-9_]+(\.0*)?\s*")


def strings(cursors: list[str]) -> st.SearchStrategy[str]:
    names = st.sampled_from([*NAMES, "limit", "LIMIT", "limit%00", "unknown", "", "cursor[]"])
    values = st.sampled_from([*ODD, *cursors]) | RAW
    pairs = st.tuples(names, values).map("=".join)
    whole = st.lists(pairs | st.sampled_from(["", "limit", "=", "&"]), max_size=3).map("&".join)
    return whole | RAW


def damaged(cursor: str) -> st.SearchStrategy[str]:
    def change(edit: tuple[int, str, int]) -> str:
        at, put, cut = edit
        return cursor[:at] + put + cursor[at + cut :]

    edits = st.tuples(
        st.integers(0, len(cursor)),
        st.text("ABCXYZabcxyz0189-_=.~", max_size=4),
        st.integers(0, 6),
    )
    return edits.map(change)


def verdict(query: str, known: set[str], cursors: list[str]) -> bool | None:
    """Whether it is in order; None when the contract leaves it open."""
    pairs = parse_qsl(query, keep_blank_values=True)
    if {name for name, _ in pairs} - known:
        return False
    told = [_legal(name, value, cursors) for name, value in pairs]
    if False in told:
        # Of a name that comes twice, one value may be all that is looked at.
        return None if max(Counter(name for name, _ in pairs).values()) > 1 else False
    repeated = len({name for name, _ in pairs}) < len(pairs)
    return None if None in told or repeated else True


def _legal(name: str, value: str, cursors: list[str]) -> bool | None:
    if name == "cursor":
        return value in cursors
    if name == "status":
        return value in ("pending", "delivered", "failed")
    highest = 100 if name == "limit" else 101
    if WHOLE.fullmatch(value):
        return (name == "healthBelow" or value != "0") and int(value) <= highest
    return None if LENIENT.fullmatch(value) else False
