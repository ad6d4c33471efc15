"""The generated repo proves itself, as its own users would have it do."""

import json
import re
from typing import Any

from harness import Project

from .stack import Stack

TARGETS = ["setup", "dev", "services", "services-stop", "migrate", "seed", "run", "worker"]
TARGETS += ["test", "check", "rules", "openapi"]
RULE = re.compile(r"\bR(\d+)\b")


def test_check_passes_and_leaves_the_tree_clean(ready: Project) -> None:
    assert ready.changes() == "", "make setup leaves something to commit"
    told = ready.make("check")
    assert {int(number) for number in RULE.findall(told)} >= set(range(1, 11)), told
    assert ready.changes() == "", "make check leaves something to commit"


def test_openapi_is_written(ready: Project, stack: Stack) -> None:
    ready.make("openapi")
    document: dict[str, Any] = json.loads((ready.folder / "openapi.json").read_text("utf-8"))
    assert document["openapi"].startswith("3.1")
    for entity in stack.shape["entities"]:
        assert f"{stack.prefix}/{entity['path']}" in document["paths"]
    assert ready.changes() == "", "openapi.json is neither ignored nor up to date in the repo"


def test_setup_again_changes_nothing(ready: Project) -> None:
    ready.make("setup")
    assert ready.changes() == ""


def test_help_names_the_targets_of_the_contract(ready: Project) -> None:
    shown = ready.make("help", quiet=True)
    for target in TARGETS:
        assert re.search(rf"\b{target}\b", shown), f"make help is silent about {target}"
