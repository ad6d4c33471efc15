"""Which answers an update may change, and what follows when it does."""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from .history import FIRST, Done, Repo, Template

INVOICES = {"number": "string(1..20) unique", "company": "reference(companies)"}
OWN_MIGRATION = '''"""A column of our own."""

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


@pytest.fixture(scope="module")
def lasting(template: Template, tmp_path_factory: pytest.TempPathFactory) -> Repo:
    return template.generate(tmp_path_factory.mktemp("lasting") / "shop")


@pytest.fixture
def untouched(lasting: Repo) -> Iterator[Repo]:
    yield lasting
    lasting.restore()


IDENTITY: list[tuple[str, Any, str]] = [
    ("backend_framework", "express", "not offered"),
    ("main_entity", "customer", "generated around company"),
    ("key_entities", "orders", "feedback has been generated, and so stays"),
    ("key_entities", {"feedback": {"content": "text"}}, "the fields of feedback"),
    ("external_apis", {"stripe": "payments"}, "apideck has been generated"),
    ("api_structure", "src/api", "has its code at app"),
    ("constants_path", "app/limits.py", "has its code at app/constants.py"),
    ("routes_path", "views.py", "has its code at app/{entity}/routes.py"),
    ("schemas_path", "app/schemas", "has its code at app/{entity}/schemas.py"),
    ("lib_path", "app/kit", "has its code at app/lib"),
]


@pytest.mark.parametrize(("question", "answer", "reason"), IDENTITY)
def test_what_the_code_rests_on_stays(
    untouched: Repo, question: str, answer: Any, reason: str
) -> None:
    _is_refused(untouched, untouched.recopy({question: answer}), question, reason)


@pytest.mark.parametrize(("question", "answer", "reason"), IDENTITY[:3])
def test_it_stays_on_an_update(untouched: Repo, question: str, answer: Any, reason: str) -> None:
    _is_refused(untouched, untouched.update({question: answer}), question, reason)


def _is_refused(untouched: Repo, done: Done, question: str, reason: str) -> None:
    assert done.code == 1
    (told,) = [line for line in done.said.splitlines() if line.startswith(question)]
    assert reason in told
    assert "Traceback" not in done.said
    assert untouched.status() == ""


def test_another_word_for_the_same_answer_is_no_change(untouched: Repo) -> None:
    same = {"main_entity": "companies", "key_entities": ["feedback"], "external_apis": ["apideck"]}
    done = untouched.update(same)
    assert done.code == 0, done.said


@pytest.mark.parametrize(
    "answers",
    [
        {"package_manager": "pip", "logging_lib": "shared", "rate_limit_lib": "redis_rate_limiter"},
        {"agent_tools": ["gemini", "copilot", "cursor"], "company_name": "Ümlaut & Söhne"},
        {"key_entities": {"feedback": None, "invoices": INVOICES}},
        {"external_apis": {"apideck": "CRM sync", "stripe": "payments"}, "api_prefix": "/v2"},
    ],
    ids="+".join,
)
def test_other_answers_give_what_a_fresh_repo_would_have(
    template: Template, untouched: Repo, tmp_path: Path, answers: dict[str, Any]
) -> None:
    done = untouched.update(answers, tag=FIRST)
    assert done.code == 0, done.said
    core = {"core_tables": "accounts, accounts_memberships, sdk_keys, feedback"}
    fresh = template.generate(tmp_path / "fresh", core | answers)
    assert untouched.files() == fresh.files()


def test_a_new_entity_follows_the_migrations_that_are_there(untouched: Repo) -> None:
    untouched.write("migrations/versions/0005_note.py", OWN_MIGRATION)
    untouched.commit()
    done = untouched.update({"key_entities": {"feedback": None, "invoices": INVOICES}})
    assert done.code == 0, done.said
    migration = untouched.read("migrations/versions/0006_create_invoices.py")
    assert re.search(r'^revision = "0006"\ndown_revision = "0005"$', migration, re.MULTILINE)
    assert untouched.read("migrations/versions/0005_note.py") == OWN_MIGRATION
    assert (untouched.folder / "app/invoices/routes.py").is_file()
    assert (untouched.folder / "tests/entities/test_invoices.py").is_file()
    untouched.commit()
    again = untouched.update({"key_entities": {"feedback": None, "invoices": INVOICES}})
    assert again.code == 0, again.said
    assert untouched.status() == ""


def test_a_history_with_two_ends_is_refused_before_anything_is_written(repo: Repo) -> None:
    repo.write("migrations/versions/0005_note.py", OWN_MIGRATION)
    fork = OWN_MIGRATION.replace('revision = "0005"', 'revision = "fork"', 1)
    repo.write("migrations/versions/fork_note.py", fork)
    repo.commit()
    done = repo.update({"key_entities": {"feedback": None, "invoices": INVOICES}})
    assert done.code == 1
    assert "these are last: 0005, fork" in done.said
    assert repo.status() == ""
