import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import yaml
from copier._cli import CopierApp
from pytest_copier.plugin import CopierFixture, CopierProject

from .compiling import compiled_once  # noqa: F401

ROOT = Path(__file__).resolve().parents[2]
PARTS = ("copier.yml", "extensions", "macros", "template")
SETS = {path.stem: path for path in sorted((Path(__file__).parent / "sets").glob("*.yml"))}


def read_answers(path: Path) -> dict[str, Any]:
    """Read a file of answers."""
    answers: dict[str, Any] = yaml.safe_load(path.read_text(encoding="utf-8")) or {}
    return answers


def sets_of(*frameworks: str) -> list[str]:
    """Return the sets of answers for these frameworks."""
    return [
        name
        for name, path in SETS.items()
        if read_answers(path).get("backend_framework", "fastapi") in frameworks
    ]


@pytest.fixture(scope="session")
def copier_template_root() -> Path:
    return ROOT


@pytest.fixture(scope="session")
def copier_template_paths() -> list[str]:
    return [part for part in PARTS if (ROOT / part).exists()]


@pytest.fixture(scope="session")
def config() -> dict[str, Any]:
    """The template's copier.yml."""
    return read_answers(ROOT / "copier.yml")


@pytest.fixture(scope="session")
def questions(config: dict[str, Any]) -> dict[str, Any]:
    """The questions of copier.yml by name."""
    return {name: spec for name, spec in config.items() if not name.startswith("_")}


DERIVED = "entities main modules packages source_roots".split()


class Rendered:
    """A generated repo and the names that its templates used."""

    def __init__(self, project: CopierProject) -> None:
        self.path = project.path
        self.answers: dict[str, Any] = project.answers
        with project.copier.worker(self.path, **self.answers) as worker:
            worker._ask()
            context = worker._render_context()
            names = {name: worker.jinja_env.compile_expression(name) for name in DERIVED}
            self.context: dict[str, Any] = {
                name: evaluate(**context) for name, evaluate in names.items()
            }


Render = Callable[[str], Rendered]


@pytest.fixture(scope="session")
def rendered(copier_template: Path, tmp_path_factory: pytest.TempPathFactory) -> Render:
    """Render a set of answers, once for all the tests that look at it."""
    renderer = CopierFixture(copier_template, {}, pytest.MonkeyPatch())
    done: dict[str, Rendered] = {}

    def render(name: str) -> Rendered:
        if name not in done:
            target = tmp_path_factory.mktemp(name) / "shop"
            done[name] = Rendered(renderer.copy(target, **read_answers(SETS[name])))
        return done[name]

    return render


@pytest.fixture(scope="session")
def plain_template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The template without a git history: Copier reads it in place, without a clone."""
    folder = tmp_path_factory.mktemp("plain")
    for part in PARTS:
        source = ROOT / part
        if source.is_dir():
            ignored = shutil.ignore_patterns("__pycache__")
            shutil.copytree(source, folder / part, ignore=ignored)
        elif source.exists():
            shutil.copy(source, folder)
    return folder


Command = Callable[..., int]


@pytest.fixture
def copier_copy(plain_template: Path) -> Command:
    """Run ``copier copy --defaults`` as a user does, in this process."""

    def run(target: Path, *arguments: str, template: Path = plain_template) -> int:
        command = ["copier", "copy", "--trust", "--defaults", *arguments]
        _, code = CopierApp.run([*command, str(template), str(target)], exit=False)
        return int(code)

    return run
