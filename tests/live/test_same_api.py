"""The same answers give the same API, whatever the framework."""

import json
from pathlib import Path
from typing import Any

import pytest
import yaml

from harness import Project

from .documents import differences
from .stack import ANSWERS, STACKS, Stack

# What the API follows from. Every other answer leaves the document as it is.
OF_THE_API = ("company_name", "main_entity", "key_entities", "external_apis", "api_prefix")
FIRST = "defaults"
pytestmark = pytest.mark.stacks(*(name for name in STACKS if name != FIRST))


def _document(project: Project) -> dict[str, Any]:
    project.make("openapi")
    document: dict[str, Any] = json.loads((project.folder / "openapi.json").read_text("utf-8"))
    return document


def test_the_document_is_that_of_the_first_stack_with_default_options(
    ready: Project, stack: Stack, workspace: Path
) -> None:
    answers = yaml.safe_load((ANSWERS / f"{stack.name}.yml").read_text("utf-8"))
    answers = {name: answer for name, answer in answers.items() if name in OF_THE_API}
    folder = workspace / f"{FIRST}-for-{stack.name}"
    other = Project.generate(folder, workspace / f"{folder.name}-logs", answers)
    other.make("setup")
    found = differences(_document(other), _document(ready))
    assert not found, "\n".join(found)
