"""Names that are taken: by the language, the stack, the contract and the template's own tree."""

import os
import re
from collections.abc import Iterable, Iterator
from pathlib import Path, PurePosixPath
from typing import Any

import yaml
from jinja2 import Environment
from jinja2.ext import Extension
from jinja2.runtime import Context

HERE = Path(__file__).resolve().parent
CONDITION = re.compile(r"\{\{ on\.(?P<question>\w+)\.(?P<choice>\w+) \}\}")
SNAKE = re.compile(r"[a-z][a-z0-9]*(_[a-z0-9]+)*")
ANSWER = re.compile(r"\{\{ (?P<name>api_structure|lib_path) \}\}")


def read_yaml(path: Path) -> dict[str, Any]:
    """Read a data file of the extensions."""
    data: dict[str, Any] = yaml.safe_load(path.read_text(encoding="utf-8"))
    return data


def shown(value: Any) -> str:
    """Quote what a user wrote, short enough for one line."""
    text = repr(value)
    return text if len(text) <= 60 else f"{text[:57]}..."


def template_paths(template: Path) -> Iterator[PurePosixPath]:
    """Yield the template's files as they are named there, without the suffix of templates."""
    for folder, folders, files in os.walk(template):
        # In one order everywhere: of several paths that are taken, the first is named.
        folders[:] = sorted(name for name in folders if name != "__pycache__")
        for name in sorted(files):
            path = Path(folder, name.removesuffix(".jinja")).relative_to(template)
            yield PurePosixPath(path.as_posix())


# Fixed paths that share the choices they are there for, and the answer they lie below.
Placed = tuple[tuple[tuple[str, str], ...], str, list[PurePosixPath]]


def placed(paths: Iterable[PurePosixPath]) -> Iterator[Placed]:
    """Read each path once: the names of folders say when it is there, and where."""
    groups: dict[tuple[tuple[tuple[str, str], ...], str], list[PurePosixPath]] = {}
    for path in paths:
        conditions: list[tuple[str, str]] = []
        fixed: list[str] = []
        below = ""
        for part in path.parts:
            if match := CONDITION.fullmatch(part):
                conditions.append((match["question"], match["choice"]))
            elif not fixed and (match := ANSWER.fullmatch(part)):
                below = match["name"]
            elif "{" in part:
                break
            else:
                fixed.append(part)
        if fixed:
            groups.setdefault((tuple(conditions), below), []).append(PurePosixPath(*fixed))
    for (conditions_of_all, below), found in groups.items():
        yield conditions_of_all, below, found


class Reserved:
    """Answers which names are taken, and by what."""

    def __init__(self, template: Path) -> None:
        """Read the lists; the template's tree is walked when it is first asked about."""
        lists = read_yaml(HERE / "reserved.yml")
        self.words = {name: frozenset(text.split()) for name, text in lists.items()}
        self.frameworks = read_yaml(HERE / "frameworks.yml")
        self.languages = read_yaml(HERE / "languages.yml")
        self.distributions = frozenset(
            name
            for framework in self.frameworks.values()
            for name in framework["distributions"].split()
        )
        self._template = template
        self._placed: list[Placed] = []

    def framework(self, context: Context) -> dict[str, Any]:
        """Return the data of the chosen framework."""
        data: dict[str, Any] = self.frameworks[context["backend_framework"]]
        return data

    def language(self, context: Context) -> dict[str, Any]:
        """Return the data of the chosen framework's language."""
        data: dict[str, Any] = self.languages[self.framework(context)["language"]]
        return data

    def file_of(self, context: Context, entity: Any) -> str:
        """Return what an entity's folder, or its file in a folder, is called."""
        name: str = getattr(entity, self.language(context)["entity"])
        return name

    def framework_words(self, context: Context, name: str) -> frozenset[str]:
        """Return one of the word lists of the chosen framework."""
        return frozenset(self.framework(context)[name].split())

    def attributes(self, context: Context) -> frozenset[str]:
        """Return what no field may be called: the code and the rows of the ORM use it."""
        members = self.framework(context).get("members", {}).get(context["orm_tool"], "")
        return self.framework_words(context, "attributes") | frozenset(members.split())

    def own_paths(self, context: Context, anchor: str) -> list[PurePosixPath]:
        """Return the fixed paths of the chosen stack below an answer, or below the root for "".

        The template's tree is the list: a folder named after another choice is left out, and a
        part that an entity names ends the path.
        """
        if not self._placed:
            self._placed.extend(placed(template_paths(self._template)))
        on = context["on"]
        return [
            path
            for conditions, below, paths in self._placed
            if below == anchor and all(on[question][choice] for question, choice in conditions)
            for path in paths
        ]

    def own_names(self, context: Context, anchor: str) -> frozenset[str]:
        """Return the first parts of those paths, without suffixes."""
        return frozenset(path.parts[0].split(".")[0] for path in self.own_paths(context, anchor))

    def taken_at_root(self, context: Context) -> frozenset[str]:
        """Return names that no top-level module or folder of the service may have."""
        own = self.own_names(context, "") | self.words["root"]
        if not self.language(context)["packages"]:
            # The code imports its own files by subpaths: no folder hides a package.
            return own
        modules = self.framework_words(context, "modules")
        return own | modules | frozenset(self.language(context)["modules"].split())

    def is_keyword(self, context: Context, text: str, what: str) -> bool:
        """Tell whether a word is one that the language keeps from a name, a field or a path."""
        language = self.language(context)
        return what in language["keywords_bar"] and text in language["keywords"].split()

    def check_word(
        self, context: Context, text: Any, limit: int = 40, *, what: str = "name"
    ) -> None:
        """Refuse what is not a plain snake_case name of the stack's language."""
        if not isinstance(text, str) or not SNAKE.fullmatch(text):
            raise ValueError(
                f"{shown(text)} is not a snake_case name: words of a-z and 0-9 with _ between "
                "them, starting with a letter"
            )
        if len(text) > limit:
            raise ValueError(f"{shown(text)} is longer than {limit} characters")
        language = self.framework(context)["language"]
        if self.is_keyword(context, text, what):
            raise ValueError(f"{text} is a keyword of {language}")
        if what == "name" and text in self.language(context)["globals"].split():
            raise ValueError(f"{text} is a global of {language}, which the code would hide")
        if text in self.words["windows"]:
            raise ValueError(f"{text} is a device name on Windows")


class ReservedExtension(Extension):
    """Gives the environment its ``reserved`` names."""

    def __init__(self, environment: Environment) -> None:
        """Make the names available to the extensions that come later."""
        super().__init__(environment)
        environment.extend(reserved=Reserved(HERE.parent / "template"))
