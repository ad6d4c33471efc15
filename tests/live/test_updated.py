"""A service that people have edited changes half of its answers and is whole."""

from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from harness import Project
from tests.update.history import SECOND, Repo, Template

from .stack import Stack

# The answers are its own: one set of each stack is enough to say when it runs.
pytestmark = pytest.mark.stacks("default answers")

DOMAIN = {
    "key_entities": {
        "feedback": None,
        "invoices": {"number": "string(1..20) unique", "company": "reference(companies)"},
    },
    "external_apis": {"apideck": "CRM sync", "stripe": "payments"},
}


@dataclass
class Team:
    """What a team does to its repo, and the answers that it changes."""

    migration: str
    column: str
    file: str
    old: str
    new: str
    generated: dict[str, Any] = field(default_factory=dict)
    answers: dict[str, Any] = field(default_factory=dict)


COLUMN = '''"""A column of our own."""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("feedback", sa.Column("note", sa.Text()))


def downgrade() -> None:
    op.drop_column("feedback", "note")
'''
TEAMS = {
    "defaults": Team(
        migration="migrations/versions/0005_add_note.py",
        column=COLUMN,
        file="app/feedback/routes.py",
        old="async def get_feedback",
        new="async def show_feedback",
        answers={
            "package_manager": "pip",
            "logging_lib": "shared",
            "rate_limit_lib": "redis_rate_limiter",
        },
    ),
    "express": Team(
        migration="migrations/0005_add_note.sql",
        column="-- A column of our own.\nALTER TABLE feedback ADD COLUMN note text;\n",
        file="src/feedback/routes.ts",
        old="export const routes = [",
        new="// Feedback is what our product is about.\nexport const routes = [",
        generated={"backend_framework": "express"},
        answers={"package_manager": "pnpm", "rate_limit_lib": "redis_rate_limiter"},
    ),
}


def test_a_new_entity_and_other_options_give_a_green_service(stack: Stack, workspace: Path) -> None:
    team = TEAMS[stack.name]
    template = Template(workspace / f"template-of-{stack.name}")
    template.release(SECOND)
    repo: Repo = template.generate(workspace / f"updated-{stack.name}", team.generated)
    repo.write(team.migration, team.column)
    repo.replace(team.file, team.old, team.new)
    repo.replace("README.md", "## Licence", "## On call\n\nRing us.\n\n## Licence")
    repo.commit()
    done = repo.update(DOMAIN | team.answers)
    assert done.code == 0, done.said
    assert "without a conflict" in done.said
    project = Project(repo.folder, workspace / f"updated-{stack.name}-logs")
    project.make("setup")
    project.make("agent")
    repo.commit()
    project.make("check")
    assert project.changes() == ""
    assert team.new in repo.read(team.file)
    assert "Ring us." in repo.read("README.md")
