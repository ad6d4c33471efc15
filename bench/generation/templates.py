"""The templates that are measured: plain folders, which Copier reads in place."""

import os
import shutil
from collections.abc import Mapping
from contextlib import redirect_stderr, redirect_stdout
from pathlib import Path
from typing import Any

import yaml
from copier import run_copy

from harness.project import ROOT

PARTS = ("copier.yml", "extensions", "macros", "template")
FASTAPI = "{{ on.backend_framework.fastapi }}"


def ours(folder: Path) -> Path:
    """The template as it stands in the work tree, without its git history."""
    folder.mkdir(parents=True)
    for part in PARTS:
        source = ROOT / part
        if source.is_dir():
            shutil.copytree(source, folder / part, ignore=shutil.ignore_patterns("__pycache__"))
        else:
            shutil.copy(source, folder)
    return folder


def generate(template: Path, target: Path, answers: Mapping[str, Any] | None = None) -> None:
    """Run `copier copy` in this process, with all that it tells a user, unheard."""
    with Path(os.devnull).open("w") as nowhere, redirect_stdout(nowhere), redirect_stderr(nowhere):
        run_copy(str(template), target, data=dict(answers or {}), defaults=True, unsafe=True)


def static(folder: Path, output: Path) -> Path:
    """A template of the same output as files that are only copied: the least that Copier does."""
    shutil.copytree(output, folder / "template")
    (folder / "template" / ".copier-answers.yml").unlink()
    (folder / "copier.yml").write_text("_subdirectory: template\n", encoding="utf-8")
    return folder


def bare(folder: Path) -> Path:
    """One file and one question: what it costs to start Copier."""
    (folder / "template").mkdir(parents=True)
    (folder / "copier.yml").write_text(
        "_subdirectory: template\nname:\n  type: str\n  default: service\n", encoding="utf-8"
    )
    (folder / "template" / "README.md.jinja").write_text("# {{ name }}\n", encoding="utf-8")
    return folder


def with_stacks(folder: Path, count: int) -> Path:
    """Ours with more frameworks that nobody chooses, each with as many files as the first has."""
    ours(folder)
    names = [f"made_up_{number}" for number in range(count)]
    for name in names:
        shutil.copytree(
            folder / "template" / FASTAPI,
            folder / "template" / FASTAPI.replace("fastapi", name),
        )
    questions = folder / "copier.yml"
    config = yaml.safe_load(questions.read_text(encoding="utf-8"))
    choices = config["backend_framework"]["choices"]
    for name in names:
        refusal = f"{{{{ refusal('backend_framework', '{name}') }}}}"
        choices[name] = {"value": name, "validator": refusal}
    questions.write_text(yaml.safe_dump(config, sort_keys=False), encoding="utf-8")
    data = folder / "extensions" / "frameworks.yml"
    frameworks = yaml.safe_load(data.read_text(encoding="utf-8"))
    frameworks |= dict.fromkeys(names, frameworks["fastapi"])
    data.write_text(yaml.safe_dump(frameworks, sort_keys=False), encoding="utf-8")
    return folder


def files_in(folder: Path) -> int:
    """How many files a folder holds."""
    return sum(path.is_file() for path in folder.rglob("*") if "__pycache__" not in path.parts)
