"""What the documents say of the template is so."""

import re
from pathlib import Path
from typing import Any

import pytest
import yaml

from harness import Project

from .markdown import DOCUMENTS, LINK, PATH, ROOT, blocks, table

README = ROOT / "README.md"
CODE = re.compile(r"`([^`]+)`")


@pytest.fixture(scope="module")
def questions() -> dict[str, Any]:
    config = yaml.safe_load((ROOT / "copier.yml").read_text("utf-8"))
    return {name: value for name, value in config.items() if not name.startswith("_")}


@pytest.fixture(scope="module")
def rows() -> dict[str, list[str]]:
    return {row[0].strip("`"): row for row in table(README, "| question |")}


def test_the_table_has_every_question_in_order(
    questions: dict[str, Any], rows: dict[str, list[str]]
) -> None:
    assert list(rows) == list(questions)


def test_the_table_names_the_placeholders(
    questions: dict[str, Any], rows: dict[str, list[str]]
) -> None:
    for name, question in questions.items():
        placeholder = re.match(r"\[\w+\]", question["help"])
        assert rows[name][1] == (f"`{placeholder.group()}`" if placeholder else "–"), name


def test_the_table_names_every_choice_and_no_other(
    questions: dict[str, Any], rows: dict[str, list[str]]
) -> None:
    for name, question in questions.items():
        if choices := question.get("choices"):
            values = [one["value"] if isinstance(one, dict) else one for one in choices.values()]
            assert CODE.findall(rows[name][3]) == values, name


def written_out(answer: Any) -> list[str]:
    if isinstance(answer, dict):
        return [f"{key}: {value}" for key, value in answer.items()]
    return answer if isinstance(answer, list) else [str(answer)]


def test_the_table_names_the_defaults(tmp_path: Path, rows: dict[str, list[str]]) -> None:
    answers = Project.generate(tmp_path / "shop", tmp_path / "logs", {}).answers
    for name, row in rows.items():
        told = CODE.findall(row[2])
        if told and name in answers:
            assert told == written_out(answers[name]), name


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: str(path.relative_to(ROOT)))
def test_links_and_paths_lead_somewhere(document: Path) -> None:
    text = document.read_text("utf-8")
    dead = [link for link in LINK.findall(text) if not (document.parent / link).exists()]
    # Here, or in every repo that is generated from here.
    dead += [
        path
        for path in PATH.findall(text)
        if not (ROOT / path).exists() and not (ROOT / "template" / f"{path}.jinja").exists()
    ]
    assert not dead


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: str(path.relative_to(ROOT)))
def test_commands_stand_where_they_are_executed(document: Path) -> None:
    # In test_commands.py and in tests/organisations.
    executed = {README, ROOT / "docs" / "organisations.md"}
    assert document in executed or not blocks(document, "bash")


def test_make_targets_that_the_documents_name_are_there() -> None:
    here = (ROOT / "Makefile").read_text("utf-8")
    for target in re.findall(r"^make ([\w-]+)", README.read_text("utf-8"), re.MULTILINE)[:2]:
        assert re.search(rf"^{target}:", here, re.MULTILINE), target
