"""The same answers give the same API, whatever the framework."""

import json
from pathlib import Path
from typing import Any

import pytest
import yaml

from harness import Project

from .documents import differences
from .stack import ANSWERS, KINDS, Stack, first_of_its_api

# The first set of each kind is what the others are held against.
pytestmark = pytest.mark.stacks(*(name for names in KINDS.values() for name in names[1:]))


def _document(project: Project) -> dict[str, Any]:
    project.make("openapi")
    document: dict[str, Any] = json.loads((project.folder / "openapi.json").read_text("utf-8"))
    return document


def test_the_document_is_that_of_the_first_stack(
    ready: Project, stack: Stack, workspace: Path
) -> None:
    first = first_of_its_api(stack.name)
    answers = yaml.safe_load((ANSWERS / f"{first}.yml").read_text("utf-8"))
    folder = workspace / f"{first}-for-{stack.name}"
    other = Project.generate(folder, workspace / f"{folder.name}-logs", answers)
    other.make("setup")
    found = differences(_document(other), _document(ready))
    assert not found, "\n".join(found)
