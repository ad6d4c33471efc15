"""Prints what the rules found."""

from collections.abc import Mapping

from .verdict import Verdict

HEADINGS = ("rule", "forbids", "checked", "result", "evidence")


def rendered(titles: Mapping[str, str], verdicts: Mapping[str, Verdict]) -> str:
    rows = [HEADINGS]
    for rule, found in verdicts.items():
        result = "FAIL" if found.failures else "PASS"
        rows.append((rule, titles[rule], found.checked, result, found.evidence))
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    lines = [
        "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip()
        for row in rows
    ]
    for rule, found in verdicts.items():
        lines += [f"{rule}  {failure}" for failure in found.failures]
    return "\n".join(lines)
