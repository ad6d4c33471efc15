"""What docs/ tells to do for a new question and a new stack, done on a copy of the template."""

import shutil
import textwrap
from pathlib import Path

import pytest
import yaml

from tests.docs.markdown import ROOT, block

from .conftest import Command, read_answers
from .test_extending import insert_after

QUESTION = ROOT / "docs" / "add-a-question.md"
STACK = ROOT / "docs" / "add-a-stack.md"


def step(document: Path, language: str, containing: str) -> str:
    return textwrap.dedent(block(document, language, containing))


@pytest.fixture
def template(plain_template: Path, tmp_path: Path) -> Path:
    copy = tmp_path / "template"
    shutil.copytree(plain_template, copy)
    return copy


@pytest.fixture
def with_question(template: Path) -> Path:
    asked = step(QUESTION, "yaml", "team_name:")
    questions = template / "copier.yml"
    before, found, after = questions.read_text(encoding="utf-8").partition("\ncompany_name:\n")
    questions.write_text(f"{before}\n{asked}{found}{after}", encoding="utf-8")
    with (template / "template" / "AGENTS.md.jinja").open("a", encoding="utf-8") as agents:
        agents.write(step(QUESTION, "jinja", "team_name"))
    return template


@pytest.fixture
def with_stack(template: Path) -> Path:
    """A framework whose service is FastAPI's under another name: the steps count, not the code."""
    choice = textwrap.indent(step(STACK, "yaml", "made_up"), "    ")
    insert_after(template / "copier.yml", '    "FastAPI', choice)
    data = template / "extensions" / "frameworks.yml"
    frameworks = yaml.safe_load(data.read_text(encoding="utf-8"))
    frameworks["made_up"] = frameworks["fastapi"]
    data.write_text(yaml.safe_dump(frameworks), encoding="utf-8")
    for macros in (template / "macros").glob("*/fastapi.jinja"):
        shutil.copy(macros, macros.with_name("made_up.jinja"))
    overlay = template / "template" / "{{ on.backend_framework.made_up }}"
    shutil.copytree(template / "template" / "{{ on.backend_framework.fastapi }}", overlay)
    (overlay / "MADE_UP.md").write_text("# Made up\n", encoding="utf-8")
    return template


@pytest.mark.parametrize(
    ("answer", "last_line"), [("The *Payments*", "Owned by The *Payments*."), ("", None)]
)
def test_a_new_question_is_asked_and_its_answer_used(
    copier_copy: Command, with_question: Path, tmp_path: Path, answer: str, last_line: str | None
) -> None:
    target = tmp_path / "shop"
    data = ["--data", f"team_name={answer}"]
    assert copier_copy(target, "--quiet", *data, template=with_question) == 0
    assert read_answers(target / ".copier-answers.yml")["team_name"] == answer
    agents = (target / "AGENTS.md").read_text(encoding="utf-8")
    assert ("Owned by" in agents) == bool(last_line)
    assert last_line is None or agents.splitlines()[-1] == last_line


def test_a_new_stack_brings_its_own_files_alone(
    copier_copy: Command, with_stack: Path, tmp_path: Path
) -> None:
    target = tmp_path / "shop"
    data = ["--data", "backend_framework=made_up"]
    assert copier_copy(target, "--quiet", *data, template=with_stack) == 0
    assert (target / "MADE_UP.md").is_file()
    assert read_answers(target / ".copier-answers.yml")["backend_framework"] == "made_up"


def test_the_other_stacks_know_nothing_of_a_new_one(
    copier_copy: Command, with_stack: Path, tmp_path: Path
) -> None:
    target = tmp_path / "shop"
    assert copier_copy(target, "--quiet", template=with_stack) == 0
    assert not (target / "MADE_UP.md").exists()
