"""The template's tree: the path is the condition, and every path is fit for any machine."""

import re
from collections import Counter
from pathlib import Path, PurePosixPath
from typing import Any

import pytest
from pytest_copier.plugin import CopierFixture

from .conftest import ROOT, SETS, read_answers

TEMPLATE = ROOT / "template"
FILES = sorted(
    path.relative_to(TEMPLATE)
    for path in TEMPLATE.rglob("*")
    if path.is_file() and "__pycache__" not in path.parts
)
CONDITION = re.compile(r"\bon\.(\w+)\.(\w+)")
JINJA = re.compile(r"\{\{|\{%|\{#")


def test_paths_are_legal_on_windows_and_short() -> None:
    for path in FILES:
        assert not set(str(path)) & set('|":?*<>\\'), path
        assert len(str(path)) < 200, path
        assert all(part == part.strip(" .") or part.startswith(".") for part in path.parts), path


def test_no_file_name_holds_a_condition() -> None:
    for path in FILES:
        assert "{% if" not in str(path), path


def test_conditions_are_whole_folders_and_name_choices(questions: dict[str, Any]) -> None:
    choices = {
        name: [
            item["value"] if isinstance(item, dict) else item for item in spec["choices"].values()
        ]
        for name, spec in questions.items()
        if "choices" in spec
    } | {
        "language": ["python", "typescript"],
        "input_schemas": ["calls", "classes"],
        "migrator": ["own", "umzug"],
    }
    for path in FILES:
        for part in path.parts:
            if match := CONDITION.search(part):
                assert part == f"{{{{ on.{match[1]}.{match[2]} }}}}", path
                assert match[2] in choices[match[1]], path
                assert part != path.name, path


def test_the_answers_file_stands_directly_in_the_template() -> None:
    assert (TEMPLATE / "{{ _copier_conf.answers_file }}.jinja").is_file()


def test_only_a_file_with_something_to_fill_in_is_a_template() -> None:
    for path in FILES:
        if path.suffix == ".jinja":
            assert JINJA.search((TEMPLATE / path).read_text(encoding="utf-8")), path


def test_no_two_files_differ_only_in_the_suffix_of_templates() -> None:
    names = Counter(str(path).removesuffix(".jinja") for path in FILES)
    assert [name for name, count in names.items() if count > 1] == []


@pytest.mark.parametrize("name", SETS)
def test_no_two_active_files_land_on_the_same_path(
    copier: CopierFixture, tmp_path: Path, name: str
) -> None:
    landed: Counter[str] = Counter()
    with copier.worker(tmp_path / "shop", **read_answers(SETS[name])) as worker:
        worker._ask()
        for path in FILES:
            landed.update(str(found).lower() for found, _ in worker._render_path(path))
    assert [path for path, count in landed.items() if count > 1] == []
    for target in landed:
        assert len(target) < 200
        assert not set(target) & set('|":?*<>\\{}'), target
        assert ".." not in PurePosixPath(target).parts, target
