"""Excerpts: code that a prompt shows, copied from a region of the repo's own code.

In a prompt an excerpt is a comment that names file and region, and a fenced block below it. In the
code the region stands between two comments, `region: <name>` and `endregion`.
"""

import re
import textwrap
from collections.abc import Iterator
from dataclasses import dataclass

from .problem import Problem
from .repository import Repository

MARKER = re.compile(r"<!-- excerpt: (?P<source>[^#\s]+)#(?P<region>[a-z][a-z0-9-]*) -->")
FENCE = re.compile(r"(?P<ticks>`{3,})(?P<language>[\w+-]*)")
START = re.compile(r"\bregion: (?P<name>[a-z][a-z0-9-]*)")
SHELL = {"sh", "bash", "shell", "console"}
EDGE = re.compile(r"\b(endregion\b|region: [a-z])")


class NoRegionError(Exception):
    """The message says why there is no such region."""


@dataclass(frozen=True)
class Excerpt:
    source: str
    name: str
    marker: int
    """Index of the marker's line; the fence opens on the next one."""
    end: int
    """Index of the line that closes the fence."""
    shown: str

    def code(self, repository: Repository) -> str:
        if self.source not in repository.files:
            raise NoRegionError(f"the excerpt's file {self.source} does not exist")
        return region_of(repository.read(self.source), self.name, self.source)


def region_of(text: str, name: str, source: str) -> str:
    lines = text.splitlines()
    starts = [
        number
        for number, line in enumerate(lines, start=1)
        if (match := START.search(line)) and match["name"] == name
    ]
    if len(starts) != 1:
        times = "no region" if not starts else f"{len(starts)} regions"
        raise NoRegionError(f"{source} has {times} {name}")
    body = lines[starts[0] :]
    edges = [number for number, line in enumerate(body) if EDGE.search(line)]
    if not edges or "endregion" not in body[edges[0]]:
        raise NoRegionError(f"region {name} of {source} has no end")
    return textwrap.dedent("\n".join(body[: edges[0]])).strip("\n")


def find(lines: list[str]) -> Iterator[Excerpt]:
    """Yield the excerpts of a prompt; a marker without a fenced block is none."""
    for number, line in enumerate(lines):
        marker = MARKER.fullmatch(line)
        end = _fence_end(lines, number + 1) if marker else None
        if marker and end is not None:
            shown = "\n".join(lines[number + 2 : end])
            yield Excerpt(marker["source"], marker["region"], number, end, shown)


def _fence_end(lines: list[str], start: int) -> int | None:
    opening = FENCE.fullmatch(lines[start]) if start < len(lines) else None
    if opening is None:
        return None
    closings = (i for i in range(start + 1, len(lines)) if lines[i] == opening["ticks"])
    return next(closings, None)


def refreshed(lines: list[str], repository: Repository) -> list[str]:
    """The lines with each excerpt as the code has it now; what cannot be found stays."""
    fresh = list(lines)
    for excerpt in reversed(list(find(lines))):
        try:
            code = excerpt.code(repository)
        except NoRegionError:
            continue
        fresh[excerpt.marker + 2 : excerpt.end] = code.splitlines()
    return fresh


def problems(path: str, lines: list[str], first: int, repository: Repository) -> Iterator[Problem]:
    """Say which excerpts are not what the code says; `first` is the number of the first line."""
    found = list(find(lines))
    for excerpt in found:
        line = first + excerpt.marker
        try:
            if excerpt.code(repository) != excerpt.shown:
                wrong = f"the excerpt is not region {excerpt.name} of {excerpt.source} any more"
                yield Problem(path, line, wrong, "run `make agent`")
        except NoRegionError as error:
            yield Problem(path, line, str(error), _elsewhere(excerpt.name, repository))
    markers = {excerpt.marker for excerpt in found}
    for number, text in enumerate(lines):
        if text.startswith("<!-- excerpt") and number not in markers:
            wrong = "this marker has no code block right below, or does not read `file#region`"
            yield Problem(path, first + number, wrong, "mend it, then run `make agent`")
    for number, language in _openings(lines):
        if language not in SHELL and number - 1 not in markers:
            wrong = "this code is no excerpt, so nothing tests it"
            yield Problem(path, first + number, wrong, "show a region of the repo's own code")


def _openings(lines: list[str]) -> Iterator[tuple[int, str]]:
    number = 0
    while number < len(lines):
        opening = FENCE.fullmatch(lines[number])
        if opening:
            yield number, opening["language"]
            number = _fence_end(lines, number) or len(lines)
        number += 1


def _elsewhere(name: str, repository: Repository) -> str:
    holders = [
        path
        for path, text in repository.code.items()
        if any(match["name"] == name for match in START.finditer(text))
    ]
    if holders:
        return f"region {name} is in {', '.join(holders)}: name that file in the marker"
    return f"put `region: {name}` and `endregion` comments around the code to show"
