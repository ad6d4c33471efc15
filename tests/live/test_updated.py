"""What an update makes of an edited service is whole: these sets are judged like all others."""

import re
from pathlib import Path

import pytest
import yaml

from harness import Project
from tests.update.history import Repo

from .pasts import PASTS
from .stack import ANSWERS, Stack

pytestmark = pytest.mark.stacks("an updated service")


def test_it_is_a_fresh_service_and_the_edits_of_its_team(stack: Stack, workspace: Path) -> None:
    past = PASTS[stack.name]
    answers = yaml.safe_load((ANSWERS / f"{stack.name}.yml").read_text("utf-8"))
    # Nobody changed this answer, so the update keeps that of the first day.
    answers["core_tables"] = stack.project.answers["core_tables"]
    fresh = workspace / f"fresh-{stack.name}"
    other = Project.generate(fresh, workspace / f"{fresh.name}-logs", answers)
    other.commit()
    for path, old, new in past.edits:
        Repo(fresh).replace(path, old, new)
    wanted, found = Repo(fresh).files(), Repo(stack.project.folder).files()
    wanted, found = (
        {path: text for path, text in files.items() if "migrations/" not in path}
        for files in (wanted, found)
    )
    assert sorted(wanted) == sorted(found)
    assert [path for path in wanted if wanted[path] != found[path]] == []


def test_its_migrations_follow_those_of_its_team(stack: Stack) -> None:
    past = PASTS[stack.name]
    ours, text = past.team.migration
    repo = Repo(stack.project.folder)
    assert repo.read(ours) == text
    assert re.search(past.team.follows, repo.read(past.next_migration), re.MULTILINE)
