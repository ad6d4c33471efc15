"""What comes out: whole, the same every time, and left alone by its own formatter."""

import getpass
import json
import re
import subprocess
import sys
import tempfile
import tomllib
from pathlib import Path

import pytest
import yaml
from pytest_copier.plugin import CopierFixture

from .conftest import SETS, Render, read_answers, sets_of
from .proof.formats import complaints_of_node
from .proof.repo import Repo

ROOT = Path(__file__).resolve().parents[2]
RESIDUE = {
    "Jinja": re.compile(r"(?<!\$)\{\{ ?(?!\{)[a-z_.]+( \||\(| \}\})|\{%[ -]|\{# "),
    "the seed's placeholders": re.compile(
        r"\[(COMPANY_NAME|[A-Z]+_(FRAMEWORK|SYSTEM|TOOL|STRUCTURE|ENV|LIB|TABLES|APIS|ENTITIES|ENTITY"
        r"|PATH|INTEGRATION|MANAGER))\]"
    ),
    "Jinja's undefined values": re.compile(r"\bUndefined\b(?!Error| when|, not)|jinja2\."),
    "the maker's machine": re.compile(
        "|".join(
            re.escape(f"{place}/")
            for place in (
                ROOT,
                f"{tempfile.gettempdir()}/pytest-of-{getpass.getuser()}",
                Path.home(),
            )
        )
    ),
}


def files_of(root: Path) -> dict[str, bytes]:
    return {
        path.relative_to(root).as_posix(): path.read_bytes()
        for path in sorted(root.rglob("*"))
        if path.is_file() and ".git" not in path.relative_to(root).parts[:1]
    }


def texts_of(root: Path) -> dict[str, str]:
    files = {name: data.decode("utf-8") for name, data in files_of(root).items()}
    del files[".copier-answers.yml"]
    return files


@pytest.mark.parametrize("name", SETS)
def test_two_renders_are_equal(
    rendered: Render, copier: CopierFixture, tmp_path: Path, name: str
) -> None:
    again = copier.copy(tmp_path / "shop", **read_answers(SETS[name]))
    assert files_of(again.path) == files_of(rendered(name).path)


@pytest.mark.parametrize("kind", RESIDUE)
@pytest.mark.parametrize("name", SETS)
def test_nothing_of_the_template_is_left(rendered: Render, name: str, kind: str) -> None:
    for path, text in texts_of(rendered(name).path).items():
        found = RESIDUE[kind].search(text)
        assert not found, f"{path}: {found}"


@pytest.mark.parametrize("name", SETS)
def test_lines_end_cleanly(rendered: Render, name: str) -> None:
    for path, text in texts_of(rendered(name).path).items():
        assert "\r" not in text, path
        assert not text or text.endswith("\n"), path
        assert not text.endswith("\n\n"), path
        if not path.endswith(".md"):
            assert not re.search(r"[ \t]\n", text), path


@pytest.mark.parametrize("name", SETS)
def test_every_file_parses(rendered: Render, name: str) -> None:
    for path, text in texts_of(rendered(name).path).items():
        if path.endswith(".py"):
            compile(text, path, "exec")
        elif path.endswith(".toml"):
            tomllib.loads(text)
        elif path.endswith((".yml", ".yaml")):
            list(yaml.safe_load_all(text))
        elif path.endswith(".json"):
            json.loads(text)


@pytest.mark.parametrize("arguments", [("format", "--check"), ("check",)], ids=["format", "lint"])
@pytest.mark.parametrize("name", sets_of("fastapi"))
def test_its_own_formatter_and_linter_leave_it_alone(
    rendered: Render, name: str, arguments: tuple[str, ...]
) -> None:
    command = [sys.executable, "-m", "ruff", *arguments, "--no-cache", "."]
    done = subprocess.run(command, cwd=rendered(name).path, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout + done.stderr


@pytest.mark.parametrize("name", sets_of("express"))
def test_prettier_and_the_compiler_leave_it_alone(rendered: Render, name: str) -> None:
    assert list(complaints_of_node(Repo(rendered(name).path))) == []


@pytest.mark.parametrize("name", SETS)
def test_nothing_of_another_language_is_there(rendered: Render, name: str) -> None:
    """The scripts that every repo has are Python; the code of a stack is of its own language."""
    files = files_of(rendered(name).path)
    if name in sets_of("fastapi"):
        assert [path for path in files if path.endswith((".ts", ".js", ".mjs"))] == []
        assert {"package.json", "toolchain.mk", ".githooks/pre-commit"} & set(files) == set()
    else:
        shared = ("scripts/agent/", "scripts/services/", "scripts/leftovers.py")
        of_python = (path for path in files if path.endswith((".py", ".toml", ".cfg", ".ini")))
        allowed = (*shared, ".codex/")
        assert [path for path in of_python if not path.startswith(allowed)] == []
        assert {"constraints.txt", ".importlinter", ".pre-commit-config.yaml"} & set(files) == set()


@pytest.mark.parametrize("name", sets_of("fastapi"))
def test_every_package_is_marked_and_nothing_else(rendered: Render, name: str) -> None:
    project = rendered(name)
    roots = [project.path / root for root in project.context["source_roots"]]
    folders = {path.parent for root in roots if root.is_dir() for path in root.rglob("*.py")}
    assert all((folder / "__init__.py").is_file() for folder in folders)


@pytest.mark.parametrize("name", SETS)
def test_the_paths_that_were_asked_for_are_there(rendered: Render, name: str) -> None:
    project = rendered(name)
    context = project.context
    asked = [project.answers["constants_path"]]
    if name in sets_of("fastapi"):
        asked += [f"{folder}/__init__.py" for folder in context["packages"]]
    for modules in vars(context["modules"]).values():
        asked += [module.path for module in modules]
    assert [path for path in asked if not (project.path / path).is_file()] == []


@pytest.mark.parametrize("name", SETS)
def test_the_answers_are_remembered(rendered: Render, name: str) -> None:
    project = rendered(name)
    given = read_answers(SETS[name])
    assert {question: project.answers[question] for question in given} == given
