"""Refreshes the excerpts in the agent files, or with --check only says what is wrong."""

import argparse
import re
import sys
from collections.abc import Iterator
from pathlib import Path

from . import excerpts, prompts
from .front_matter import FrontMatterError
from .problem import Problem
from .prompts import FACTS, GUIDES, Prompt
from .references import References
from .repository import Repository

ROOT = Path(__file__).resolve().parents[2]
ROLE_WORDS = range(600, 901)
FACTS_WORDS = range(1, 1801)
COMMENT = re.compile(r"<!--.*?-->")
SPOKEN = re.compile(r"\w")


def refresh(repository: Repository) -> list[str]:
    """Bring the excerpts up to date and give every tool the same role; name what changed."""
    changed: list[str] = []
    source: Prompt | None = None
    for path in prompts.present(repository):
        try:
            prompt = prompts.load(path, repository)
        except FrontMatterError:
            continue
        before = prompt.text
        prompt.body = excerpts.refreshed(source.body if source else prompt.body, repository)
        source = source or prompt
        if prompt.text != before:
            (repository.root / path).write_text(prompt.text, encoding="utf-8")
            changed.append(path)
    return changed


def check(repository: Repository, references: References) -> Iterator[Problem]:
    if FACTS not in repository.files:
        yield Problem(FACTS, 1, "it does not exist", "bring it back: every agent starts from it")
    for path in (FACTS, *GUIDES):
        if path in repository.files:
            guide = prompts.load(path, repository)
            yield from references.problems(path, guide.body, guide.first)
            if path == FACTS:
                yield from _size(guide, FACTS_WORDS)
            else:
                yield from prompts.guide_problems(path, guide.body)
    source: Prompt | None = None
    for path in prompts.present(repository):
        try:
            role = prompts.load(path, repository)
            yield from prompts.field_problems(path, repository)
        except FrontMatterError as error:
            remedy = "mend it: its tool skips the file as it is"
            yield Problem(path, error.line, str(error), remedy)
            continue
        if source is None:
            source = role
            yield from excerpts.problems(path, role.body, role.first, repository)
            yield from references.problems(path, role.body, role.first)
            yield from _size(role, ROLE_WORDS)
        else:
            yield from prompts.copy_problems(source, role)
        yield from prompts.length_problems(role)


def _size(prompt: Prompt, words: range) -> Iterator[Problem]:
    prose = COMMENT.sub("", "\n".join(_prose(prompt.body)))
    count = sum(1 for word in prose.split() if SPOKEN.search(word))
    if count not in words:
        wrong = f"its prose has {count} words, not {words[0]} to {words[-1]}"
        remedy = f"move facts to {FACTS}" if prompt.path != FACTS else "move details to README.md"
        yield Problem(prompt.path, 1, wrong, remedy if count > words[-1] else "say what is missing")


def _prose(lines: list[str]) -> Iterator[str]:
    fenced = False
    for line in lines:
        if line.startswith("```"):
            fenced = not fenced
        elif not fenced:
            yield line


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m scripts.agent", description=__doc__)
    parser.add_argument("--check", action="store_true", help="change nothing")
    options = parser.parse_args()
    repository = Repository(ROOT)
    if not options.check:
        for path in refresh(repository):
            print(f"agent: wrote {path}")
    references = References(repository)
    problems = sorted(set(check(repository, references)))
    for problem in problems:
        print(problem)
    if problems:
        sys.exit(1)
    files = [path for path in (FACTS, *GUIDES) if path in repository.files]
    files += prompts.present(repository)
    print(f"agent: {len(files)} files and {references.count} names in them agree with the code")


if __name__ == "__main__":
    main()
