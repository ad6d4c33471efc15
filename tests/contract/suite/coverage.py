"""Which sentences of contract.md the tests name, and which a run has shown."""

import ast
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import yaml


@dataclass(frozen=True)
class Sentence:
    id: str
    text: str
    elsewhere: str = ""


@dataclass(frozen=True)
class Section:
    number: str
    title: str
    sentences: list[Sentence]


def load(path: Path) -> list[Section]:
    raw = yaml.safe_load(path.read_text(encoding="utf-8"))
    return [
        Section(
            one["section"], one["title"], [Sentence(**sentence) for sentence in one["sentences"]]
        )
        for one in raw
    ]


def named_in(folder: Path) -> dict[str, set[str]]:
    """The ids that the test files name by `contract(…)`, and where."""
    named: dict[str, set[str]] = {}
    for file in sorted(folder.glob("test_*.py")):
        for found in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
            if isinstance(found, ast.Call) and ast.unparse(found.func).endswith("contract"):
                for argument in found.args:
                    if isinstance(argument, ast.Constant):
                        named.setdefault(str(argument.value), set()).add(file.name)
    return named


@dataclass
class Coverage:
    sections: list[Section]
    not_applicable: dict[str, str] = field(default_factory=dict)
    outcomes: dict[str, list[str]] = field(default_factory=dict)

    @property
    def sentences(self) -> dict[str, Sentence]:
        return {one.id: one for section in self.sections for one in section.sentences}

    def problems(self, named: dict[str, set[str]]) -> list[str]:
        """Ids that do not exist, sentences that nothing shows, sentences shown twice over."""
        known = self.sentences
        unknown = [
            f"{', '.join(sorted(tests))}: no sentence {one!r}"
            for one, tests in named.items()
            if one not in known
        ]
        silent = [
            f"{one.id}: no test names it and it is not said to be shown elsewhere"
            for one in known.values()
            if one.id not in named and not one.elsewhere
        ]
        double = [
            f"{one.id}: said to be shown elsewhere, and named by a test"
            for one in known.values()
            if one.id in named and one.elsewhere
        ]
        return unknown + silent + double

    def report(self) -> Iterator[str]:
        """The table of a run."""
        shown = {one for one, all_of in self.outcomes.items() if set(all_of) == {"passed"}}
        total_shown = total = 0
        missing: list[str] = []
        for section in self.sections:
            here = [one for one in section.sentences if one.id in shown]
            total_shown += len(here)
            total += len(section.sentences)
            count = f"{len(here)}/{len(section.sentences)}"
            yield f"{section.number:>3}  {section.title:<28} {count:>7}"
            missing += [
                f"{one.id:<24} {self._why(one)}" for one in section.sentences if one not in here
            ]
        yield f"     {'all':<28} {f'{total_shown}/{total}':>7}"
        if missing:
            yield "not shown by this run:"
            yield from (f"  {line}" for line in missing)

    def _why(self, sentence: Sentence) -> str:
        if sentence.elsewhere:
            return sentence.elsewhere
        if sentence.id in self.outcomes:
            return "a test of it did not pass"
        return self.not_applicable.get(sentence.id, "no test of it was run")
