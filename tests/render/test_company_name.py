"""A company may be called anything: its name reads back equal wherever it is stored."""

import ast
import tomllib
from pathlib import Path
from typing import Any

import pytest
import yaml
from pytest_copier.plugin import CopierFixture

from .proof.formats import complaints, stale_agent_files, unparsable
from .proof.repo import Repo

NASTY = {
    "quotes": """''' "double" 'single' \"\"\" `tick` $(id) ${HOME} $x""",
    "markup": "</script><!-- {{ x }} {% y %} {# z #} {{{ }}} %} [x](y) | * _ # --",
    "backslashes": r"C:\new\table \u0041 \x41 \\ %s %(x)s {0} '; DROP TABLE users; --",
    "wide": "株式会社 🚀 Zoë e\u0301 שלום " + "界" * 40,
    "as long as it may be": '"\\' * 50,
    "yaml": "- a: b, [c] &d *e !f | > @g ? : #",
}


def strings_of(tree: ast.Module) -> set[Any]:
    return {node.value for node in ast.walk(tree) if isinstance(node, ast.Constant)}


@pytest.mark.parametrize("kind", NASTY)
def test_a_nasty_name_is_stored_as_it_is(copier: CopierFixture, tmp_path: Path, kind: str) -> None:
    name = NASTY[kind]
    tools = ["claude", "cursor", "copilot", "codex", "gemini"]
    given = {"company_name": name, "logging_lib": "shared", "agent_tools": tools}
    given["shared_logger_package"] = "house_logs"
    repo = Repo(copier.copy(tmp_path / "shop", **given).path)
    found = [*unparsable(repo), *complaints(repo), *stale_agent_files(repo)]
    assert found == []
    assert yaml.safe_load(repo.texts[".copier-answers.yml"])["company_name"] == name
    assert name in strings_of(repo.trees["app/seed.py"])
    project = tomllib.loads(repo.texts["pyproject.toml"])["project"]
    assert project["description"] == f"Backend service of {name}"
    package = tomllib.loads(repo.texts["packages/house-logs/pyproject.toml"])["project"]
    assert name in package["description"]
    assert f" {name}\n" in repo.texts["LICENSE"]
