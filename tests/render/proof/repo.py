"""A generated repo as the checks see it: its texts, its code, what it was made from."""

import ast
from collections.abc import Iterator
from functools import cached_property
from pathlib import Path
from typing import Any

import yaml


class Repo:
    """The files of a generated repo."""

    def __init__(self, path: Path) -> None:
        """Remember where it is."""
        self.path = path

    @cached_property
    def texts(self) -> dict[str, str]:
        """The text of every file by its path."""
        return {
            path.relative_to(self.path).as_posix(): path.read_bytes().decode("utf-8")
            for path in sorted(self.path.rglob("*"))
            if path.is_file() and not {".git", ".venv", "__pycache__"} & set(path.parts)
        }

    @cached_property
    def answers(self) -> dict[str, Any]:
        """The answers that it was made from."""
        answers: dict[str, Any] = yaml.safe_load(self.texts[".copier-answers.yml"])
        return answers

    @cached_property
    def written(self) -> dict[str, str]:
        """The texts without the one that quotes the answers."""
        return {name: text for name, text in self.texts.items() if name != ".copier-answers.yml"}

    @cached_property
    def trees(self) -> dict[str, ast.Module]:
        """Every Python file, parsed."""
        return {
            name: ast.parse(text, name) for name, text in self.texts.items() if name.endswith(".py")
        }

    @property
    def app(self) -> str:
        """The folder of the service's code."""
        return str(self.answers["api_structure"])

    def service_files(self) -> Iterator[str]:
        """Yield the Python files that run in production."""
        for name in self.trees:
            if not name.startswith(("tests/", "scripts/", "migrations/", "packages/")):
                yield name


def module_of(name: str) -> str:
    """Return the dotted name of a file's module."""
    parts = name.removesuffix(".py").split("/")
    if parts[0] == "packages":
        parts = parts[2:]
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)
