"""Prints what the rules found."""

from collections.abc import Iterator, Mapping
from itertools import zip_longest
from textwrap import wrap

from .verdict import Verdict

# Under each heading a column of this many characters.
COLUMNS = {"rule": 4, "forbids": 22, "checked": 40, "result": 6, "evidence": 44}


def rendered(titles: Mapping[str, str], verdicts: Mapping[str, Verdict]) -> str:
    lines = [*_row(*COLUMNS), *_row(*("-" * width for width in COLUMNS.values()))]
    for rule, found in verdicts.items():
        result = "FAIL" if found.failures else "PASS"
        lines += _row(rule, titles[rule], found.checked, result, found.evidence)
    for rule, found in verdicts.items():
        lines += [f"{rule} {failure}" for failure in found.failures]
    return "\n".join(lines)


def _row(*cells: str) -> Iterator[str]:
    widths = COLUMNS.values()
    wrapped = [wrap(cell, width) for cell, width in zip(cells, widths, strict=True)]
    for parts in zip_longest(*wrapped, fillvalue=""):
        yield "  ".join(map(str.ljust, parts, widths)).rstrip()
