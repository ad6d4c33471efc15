"""What a team of each stack writes into its repo, and what the template's next release changes."""

from dataclasses import dataclass

INVOICES = {"number": "string(1..20) unique", "company": "reference(companies)"}
ALEMBIC = '''"""A column of our own."""

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


@dataclass(frozen=True)
class Team:
    """The words of one stack for the same work."""

    framework: str
    other: str
    suffix: str
    app: str
    routes: str
    renamed: tuple[str, str]
    models: str
    model: tuple[str, str]
    comment: str
    main: str
    limit: str
    retry: str
    retries: tuple[str, str, str]
    clock: str
    manifest: str
    dependency: tuple[str, str]
    deleted: tuple[str, str]
    deleting: tuple[dict[str, str], str]
    migration: tuple[str, str]
    next_migration: str
    follows: str
    entity_test: str
    options: dict[str, str]

    @property
    def answers(self) -> dict[str, str]:
        return {"backend_framework": self.framework}


FASTAPI = Team(
    framework="fastapi",
    other="express",
    suffix=".py",
    app="app",
    routes="app/feedback/routes.py",
    renamed=("async def get_feedback", "async def show_feedback"),
    models="app/feedback/models.py",
    model=("class Feedback", "# Ours.\nclass Feedback"),
    comment="#",
    main="app/main.py",
    limit="app/lib/rate_limit.py",
    retry="ERROR_SECONDS = {}",
    retries=("1.0", "7.0", "2.0"),
    clock="app/lib/clock.py",
    manifest="pyproject.toml",
    dependency=("dependencies = [", 'dependencies = [\n    "httpie==3.2.4",'),
    deleted=("tests/entities/test_feedback.py", "app/lib/cors.py"),
    deleting=({"logging_lib": "shared"}, "app/lib/redaction.py"),
    migration=("migrations/versions/0005_note.py", ALEMBIC),
    next_migration="migrations/versions/0006_create_invoices.py",
    follows=r'^revision = "0006"\ndown_revision = "0005"$',
    entity_test="tests/entities/test_invoices.py",
    options={
        "package_manager": "pip",
        "logging_lib": "shared",
        "rate_limit_lib": "redis_rate_limiter",
    },
)
EXPRESS = Team(
    framework="express",
    other="fastapi",
    suffix=".ts",
    app="src",
    routes="src/feedback/routes.ts",
    renamed=("import * as feedbackService", "import * as ourService"),
    models="src/feedback/models.ts",
    model=("export const table", "// Ours.\nexport const table"),
    comment="//",
    main="src/main.ts",
    limit="src/lib/rate-limit.ts",
    retry="PAUSE_AFTER_ERROR_MS = {};",
    retries=("1_000", "7_000", "2_000"),
    clock="src/lib/clock.ts",
    manifest="package.json",
    dependency=('"dependencies": {', '"dependencies": {\n    "leftpad": "0.0.1",'),
    deleted=("tests/entities/feedback.test.ts", "src/lib/cors.ts"),
    deleting=({"runtime_env": "node"}, "compose.yaml"),
    migration=("migrations/0005_note.sql", "ALTER TABLE feedback ADD COLUMN note text;\n"),
    next_migration="migrations/0006_create_invoices.sql",
    follows=r"^CREATE TABLE invoices \($",
    entity_test="tests/entities/invoices.test.ts",
    options={"package_manager": "pnpm", "logging_lib": "winston", "queue_system": "agenda"},
)
TEAMS = {team.framework: team for team in (FASTAPI, EXPRESS)}
