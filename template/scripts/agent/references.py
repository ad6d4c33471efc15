"""What the agent files name in backticks, and whether the repo has it."""

import re
from collections.abc import Iterator
from pathlib import Path

from .excerpts import SHELL
from .problem import Problem
from .repository import WORD, Repository

SPAN = re.compile(r"`([^`]+)`")
# `a`, `b` and `c` in `some/path`
PLACED = re.compile(r"(?P<names>(?:`[^`]+`(?:, | and |, and ))*`[^`]+`) in `(?P<place>[^`\s]+)`")
METHODS = {"GET", "POST", "PUT", "PATCH", "DELETE"}
ASSIGNMENT = re.compile(r"(?P<name>[A-Z][A-Z0-9_]*)=.*")
NAME = re.compile(r"[A-Za-z_]\w*(?:\.\w+)*(?:\(\))?")
HIDDEN = re.compile(r"\.\w[\w.-]*")
VARIABLE = re.compile(r"<[^<>]+>")
OPEN_PLACEHOLDER = re.compile(r"\[[A-Z][A-Z_]{2,}\]|\{\{|\}\}|\{%")

Finding = tuple[str, str]


class References:
    """Judges names, and counts them."""

    def __init__(self, repository: Repository) -> None:
        self.repository = repository
        self.count = 0

    def problems(self, path: str, lines: list[str], first: int) -> Iterator[Problem]:
        language: str | None = None
        for number, line in enumerate(lines, start=first):
            if line.startswith("```"):
                language = None if language is not None else line.strip("`")
                continue
            if language is None:
                findings = list(self._prose(line))
            elif language in SHELL:
                findings = list(self._command(line.split(" #")[0].split()))
            else:
                findings = []
            yield from (Problem(path, number, *finding) for finding in findings)

    def _prose(self, line: str) -> Iterator[Finding]:
        if line.startswith("@"):
            yield from self._path(line[1:])
        text = SPAN.sub("", line)
        for match in OPEN_PLACEHOLDER.finditer(text):
            yield f"{match[0]} is a placeholder nobody filled in", "write the value"
        for match in PLACED.finditer(line):
            yield from self._placed(SPAN.findall(match["names"]), match["place"])
        for span in SPAN.findall(line):
            self.count += 1
            yield from self._span(span)

    def _span(self, span: str) -> Iterator[Finding]:
        words = span.split() or [span]
        if words[0] in METHODS and len(words) > 1:
            yield from self._url(words[1])
        elif len(words) > 1 or ASSIGNMENT.fullmatch(span):
            yield from self._command(words)
        elif span.startswith("/"):
            yield from self._url(span)
        elif self._is_path(span):
            yield from self._path(span)
        elif NAME.fullmatch(span):
            yield from self._name(span)
        elif not any(span in text for text in self.repository.code.values()):
            yield f"`{span}` is nowhere in the code", "name what the code has"

    def _command(self, words: list[str]) -> Iterator[Finding]:
        while words and (match := ASSIGNMENT.fullmatch(words[0])):
            yield from self._name(match["name"])
            words = words[1:]
        if words and words[0] == "make":
            for word in words[1:]:
                if not word.startswith("-") and not ASSIGNMENT.fullmatch(word):
                    yield from self._target(word)
            return
        for before, word in zip(["", *words], words, strict=False):
            if before == "-m":
                yield from self._module(word)
            elif self._is_path(word) and not word.startswith("-"):
                yield from self._path(word)

    def _target(self, name: str) -> Iterator[Finding]:
        if name not in self.repository.targets:
            yield f"the Makefile has no target `{name}`", "name one of `make help`, or add it"

    def _module(self, dotted: str) -> Iterator[Finding]:
        path = dotted.replace(".", "/")
        known = dotted.partition(".")[0] in self.repository.words
        own = bool(self.repository.matches(dotted.partition(".")[0]))
        if not known or (own and not self.repository.matches(f"{path}*")):
            yield f"there is no module `{dotted}`", "name the module that is there"

    def _url(self, url: str) -> Iterator[Finding]:
        route = url.partition("?")[0]
        for segment in route.split("/"):
            unknown = set(WORD.findall(segment)) - self.repository.words
            if unknown and not segment.startswith(("{", "<")):
                yield f"no route has `{segment}`, as `{url}` says", "name a route that is there"

    def _is_path(self, span: str) -> bool:
        if "://" in span or span.startswith(("@", "{", "/")):
            return False
        known = Path(span).suffix in self.repository.extensions or span in self.repository.files
        return known or "/" in span or bool(HIDDEN.fullmatch(span))

    def _path(self, span: str) -> Iterator[Finding]:
        pattern = VARIABLE.sub("*", span)
        bare = pattern if "/" in pattern else f"*/{pattern}"
        found = self.repository.matches(pattern) or self.repository.matches(bare)
        if not found and not self.repository.is_generated(pattern):
            yield f"`{span}` does not exist", "name the file that is there, or bring it back"

    def _name(self, span: str) -> Iterator[Finding]:
        missing = [word for word in WORD.findall(span) if word not in self.repository.words]
        if missing:
            yield f"`{span}` is nowhere in the code", "name what the code has"

    def _placed(self, names: list[str], place: str) -> Iterator[Finding]:
        files = self.repository.matches(VARIABLE.sub("*", place))
        texts = [self.repository.code[name] for name in files if name in self.repository.code]
        for name in names:
            if texts and NAME.fullmatch(name) and not _in_one(WORD.findall(name), texts):
                yield f"`{name}` is not in `{place}`", "name the file that has it"


def _in_one(words: list[str], texts: list[str]) -> bool:
    return any(set(words) <= set(WORD.findall(text)) for text in texts)
