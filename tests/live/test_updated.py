"""A service that people have edited changes half of its answers and is whole."""

from pathlib import Path

import pytest

from harness import Project
from tests.update.history import SECOND, Repo, Template

# The answers are its own: one set is enough to say when it runs.
pytestmark = pytest.mark.stacks("defaults")

ANSWERS = {
    "key_entities": {
        "feedback": None,
        "invoices": {"number": "string(1..20) unique", "company": "reference(companies)"},
    },
    "external_apis": {"apideck": "CRM sync", "stripe": "payments"},
    "package_manager": "pip",
    "logging_lib": "shared",
    "rate_limit_lib": "redis_rate_limiter",
}
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


@pytest.mark.usefixtures("stack")
def test_a_new_entity_and_other_options_give_a_green_service(workspace: Path) -> None:
    template = Template(workspace / "template")
    template.release(SECOND)
    repo: Repo = template.generate(workspace / "updated")
    repo.write("migrations/versions/0005_add_note.py", COLUMN)
    repo.replace("app/feedback/routes.py", "async def get_feedback", "async def show_feedback")
    repo.replace("README.md", "## Licence", "## On call\n\nRing us.\n\n## Licence")
    repo.commit()
    done = repo.update(ANSWERS)
    assert done.code == 0, done.said
    assert "without a conflict" in done.said
    project = Project(repo.folder, workspace / "updated-logs")
    project.make("setup")
    project.make("agent")
    repo.commit()
    project.make("check")
    assert project.changes() == ""
    assert "show_feedback" in repo.read("app/feedback/routes.py")
    assert "Ring us." in repo.read("README.md")
