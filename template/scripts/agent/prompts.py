"""The agent files of this repo: the guides, and the role as each tool wants it."""

import re
import tomllib
from collections.abc import Iterator
from dataclasses import dataclass

from . import front_matter
from .front_matter import FrontMatterError, Value
from .problem import Problem
from .repository import Repository

FACTS = "AGENTS.md"
# These add nothing of their own: they lead their tool to the facts.
GUIDES = ("CLAUDE.md", "GEMINI.md", ".github/copilot-instructions.md")
ROLE = "backend-architect"
# The first one that is there is the source of the others' text.
ROLES = {
    f".claude/agents/{ROLE}.md": ("name", "description", "tools", "model"),
    f".cursor/rules/{ROLE}.mdc": ("description", "alwaysApply"),
    f".github/agents/{ROLE}.agent.md": ("name", "description", "tools"),
    f".codex/agents/{ROLE}.toml": ("name", "description", "developer_instructions"),
    f".gemini/agents/{ROLE}.md": ("name", "description", "tools"),
}
# What Copilot takes of an agent's file; the other tools name no limit.
LONGEST = {f".github/agents/{ROLE}.agent.md": 30_000}
TOML_OPENING = "developer_instructions = '''"
TOML_CLOSING = "'''"
TOML_PLACE = re.compile(r"at line (\d+)")


@dataclass
class Prompt:
    """An agent file in three parts; a guide is all body."""

    path: str
    head: list[str]
    body: list[str]
    tail: list[str]

    @property
    def first(self) -> int:
        """The number of the body's first line."""
        return len(self.head) + 1

    @property
    def text(self) -> str:
        return "\n".join([*self.head, *self.body, *self.tail]) + "\n"


def load(path: str, repository: Repository) -> Prompt:
    lines = repository.read(path).splitlines()
    if path.endswith(".toml"):
        return _load_toml(path, lines)
    end = front_matter.split(lines) if path in ROLES else 0
    return Prompt(path, lines[:end], lines[end:], [])


def _load_toml(path: str, lines: list[str]) -> Prompt:
    if lines.count(TOML_OPENING) != 1 or lines.count(TOML_CLOSING) != 1:
        message = f"the role does not stand between `{TOML_OPENING}` and `{TOML_CLOSING}` lines"
        raise FrontMatterError(1, message)
    start, end = lines.index(TOML_OPENING) + 1, lines.index(TOML_CLOSING)
    return Prompt(path, lines[:start], lines[start:end], lines[end:])


def present(repository: Repository) -> list[str]:
    """The roles that this repo has, the source of their text first."""
    return [path for path in ROLES if path in repository.files]


def field_problems(path: str, repository: Repository) -> Iterator[Problem]:
    """Say which fields a tool would miss, of those it reads before the role."""
    fields = _fields(path, repository.read(path))
    for name in ROLES[path]:
        if not fields.get(name):
            yield Problem(path, 1, f"`{name}` is missing or empty", f"add `{name}`")
    if "name" in ROLES[path] and fields.get("name", ROLE) != ROLE:
        wrong = f"the name is {fields['name']}, the file's is {ROLE}"
        yield Problem(path, 1, wrong, f"write `{ROLE}`: agents are called by it")
    if fields.get("alwaysApply", "false") not in ("true", "false"):
        yield Problem(path, 1, "`alwaysApply` is neither true nor false", "write one of them")


def _fields(path: str, text: str) -> dict[str, Value]:
    if not path.endswith(".toml"):
        return front_matter.parse(text.splitlines())
    try:
        return {name: str(value) for name, value in tomllib.loads(text).items()}
    except tomllib.TOMLDecodeError as error:
        place = TOML_PLACE.search(str(error))
        raise FrontMatterError(int(place[1]) if place else 1, f"not TOML: {error}") from None


def guide_problems(path: str, lines: list[str]) -> Iterator[Problem]:
    if not any(FACTS in line for line in lines):
        yield Problem(path, 1, f"it does not lead to {FACTS}", f"write `@{FACTS}`")


def copy_problems(source: Prompt, copy: Prompt) -> Iterator[Problem]:
    """Say where a tool's copy of the role differs from the source."""
    if source.body == copy.body:
        return
    pairs = enumerate(zip(source.body, copy.body, strict=False))
    shorter = min(len(source.body), len(copy.body))
    number = next((i for i, (ours, theirs) in pairs if ours != theirs), shorter)
    wrong = f"the role differs from {source.path}:{source.first + number}"
    remedy = f"edit {source.path} alone, then run `make agent`"
    yield Problem(copy.path, copy.first + number, wrong, remedy)


def length_problems(role: Prompt) -> Iterator[Problem]:
    longest = LONGEST.get(role.path)
    length = len("\n".join(role.body))
    if longest and length > longest:
        wrong = f"the role has {length} characters, its tool takes {longest}"
        yield Problem(role.path, 1, wrong, "shorten the regions of code that it shows")
