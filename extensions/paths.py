"""Judges the path answers: inside the repo, importable, and out of each other's way."""

import re
from pathlib import PurePosixPath
from typing import Any

from jinja2.ext import Extension
from jinja2.runtime import Context

FOLDERS = ("api_structure", "lib_path")
FILES = ("constants_path",)
PATTERNS = ("schemas_path", "routes_path")


def module_of(path: str) -> str:
    """Return a file's path without its suffix: what an import would find there."""
    return str(PurePosixPath(path).with_suffix("")).lower()


def clash(new: list[str], old: list[str], *, packages: bool) -> str:
    """Return the first new file that an old one is in the way of, or nothing.

    Where folders are packages, a file and a folder of one name are in each other's way, too.
    """
    modules = {module_of(path) for path in old}
    if not packages:
        return next((path for path in new if module_of(path) in modules), "")
    folders = {str(folder).lower() for path in old for folder in PurePosixPath(path).parents}
    for path in new:
        if module_of(path) in modules | folders:
            return path
        if any(str(folder).lower() in modules for folder in PurePosixPath(path).parents):
            return path
    return ""


class Paths:
    """The judgements, with the reserved names and the placement of their environment."""

    def __init__(self, environment: Any) -> None:
        """Borrow what earlier extensions made."""
        self.reserved: Any = environment.reserved
        self.placement: Any = environment.placement
        questions = environment.derived.questions
        self.order = [name for name in questions if name in FOLDERS + FILES + PATTERNS]

    def judge(self, context: Context, question: str, answer: str) -> None:
        """Refuse a path that leaves the repo, cannot be imported or is taken."""
        self._form(context, question, answer)
        self._segments(context, answer)
        placed = self.placement.files(context, question, answer)
        self._roots(context, placed)
        earlier = self.order[: self.order.index(question)]
        before = {name: self.placement.files(context, name, context[name]) for name in earlier}
        packages = self.reserved.language(context)["packages"]
        for name, files in before.items():
            if path := clash(placed, files, packages=packages):
                raise ValueError(f"{path} is taken by a file of {name}")
        if question == "lib_path":
            inside = [path for files in before.values() for path in files]
            if any(path.startswith(f"{answer}/") for path in inside):
                raise ValueError(f"{answer} holds other code; the library needs its own folder")

    def _form(self, context: Context, question: str, answer: str) -> None:
        suffix = self.reserved.language(context)["suffix"]
        if answer.startswith(("/", "\\", "~")) or ":" in answer:
            raise ValueError("write a path inside the repo, without a slash at its start")
        if "\\" in answer or answer.endswith("/") or "//" in answer:
            raise ValueError("write folders with one / between them and none at the end")
        if {".", ".."} & set(answer.split("/")):
            raise ValueError("write the path itself, without . and ..")
        if not answer or len(answer) > 80 or answer.count("/") > 6:
            raise ValueError("a path has up to 80 characters and 7 parts")
        if question not in PATTERNS and "{entity}" in answer:
            raise ValueError(f"{question} is one place; it does not follow {{entity}}")
        if question in FOLDERS and answer.endswith(suffix):
            raise ValueError(f"{question} is a folder, so it does not end with {suffix}")
        if (question in FILES or "{entity}" in answer) and not answer.endswith(suffix):
            raise ValueError(f"this path names a file, so it ends with {suffix}")

    def _segments(self, context: Context, answer: str) -> None:
        language = self.reserved.language(context)
        parts = answer.removesuffix(language["suffix"]).replace("{entity}", "entity").split("/")
        for part in parts:
            if not re.fullmatch(language["segment"], part) or len(part) > 40:
                raise ValueError(
                    f"{part!r} cannot be a part of the path: up to 40 {language['segment_form']}"
                )
            if self.reserved.is_keyword(context, part, "path"):
                raise ValueError(f"{part} is a keyword and cannot be imported")
            if part in self.reserved.words["windows"]:
                raise ValueError(f"{part} is a device name on Windows")

    def _roots(self, context: Context, placed: list[str]) -> None:
        taken = self.reserved.taken_at_root(context)
        packages = self.reserved.language(context)["packages"]
        shared = context.get("shared_logger_package") if packages else None
        for root in sorted({path.split("/")[0].split(".")[0] for path in placed}):
            if root in taken:
                raise ValueError(
                    f"{root} is taken by a module or folder that the service has anyway"
                )
            if context.get("logging_lib") == "shared" and root == shared:
                raise ValueError(f"{root} is the name of the shared logger's package")


class PathsExtension(Extension):
    """Registers the judgements."""

    def __init__(self, environment: Any) -> None:
        """Add a judgement for each path question."""
        super().__init__(environment)
        paths = Paths(environment)
        judges = environment.derived.judges

        def judge_of(question: str) -> Any:
            return lambda context, answer: paths.judge(context, question, answer)

        judges.update({question: judge_of(question) for question in paths.order})
