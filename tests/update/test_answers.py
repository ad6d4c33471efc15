"""Which answers an update may change, and what follows when it does."""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from .history import FIRST, SECOND, Done, Repo, Template, copier
from .teams import ALEMBIC, INVOICES, Team


@pytest.fixture(scope="module")
def lasting(template: Template, team: Team, tmp_path_factory: pytest.TempPathFactory) -> Repo:
    return template.generate(tmp_path_factory.mktemp("lasting") / "shop", team.answers)


@pytest.fixture
def untouched(lasting: Repo) -> Iterator[Repo]:
    yield lasting
    lasting.restore()


# {app}, {suffix} and {other} are those of the stack.
IDENTITY: list[tuple[str, Any, str]] = [
    (
        "backend_framework",
        "{other}",
        "generated with {framework}. Generate a new service beside this one",
    ),
    ("main_entity", "customer", "generated around company"),
    ("key_entities", "orders", "feedback has been generated, and so stays"),
    ("key_entities", {"feedback": {"content": "text"}}, "the fields of feedback"),
    ("external_apis", {"stripe": "payments"}, "apideck has been generated"),
    ("api_structure", "somewhere/api", "has its code at {app}"),
    ("constants_path", "{app}/limits{suffix}", "has its code at {app}/constants{suffix}"),
    ("routes_path", "views{suffix}", "has its code at {app}/{{entity}}/routes{suffix}"),
    ("schemas_path", "{app}/schemas", "has its code at {app}/{{entity}}/schemas{suffix}"),
    ("lib_path", "{app}/kit", "has its code at {app}/lib"),
]


# One judge for all stacks: the other one is asked in an update, below.
@pytest.mark.parametrize("team", ["fastapi"], indirect=True)
@pytest.mark.parametrize(("question", "answer", "reason"), IDENTITY)
def test_what_the_code_rests_on_stays(
    untouched: Repo, team: Team, question: str, answer: Any, reason: str
) -> None:
    answer, reason = (_of(team, said) for said in (answer, reason))
    _is_refused(untouched, untouched.recopy({question: answer}), question, reason)


@pytest.mark.parametrize(("question", "answer", "reason"), IDENTITY[:3])
def test_it_stays_on_an_update(
    untouched: Repo, team: Team, question: str, answer: Any, reason: str
) -> None:
    answer, reason = (_of(team, said) for said in (answer, reason))
    _is_refused(untouched, untouched.update({question: answer}), question, reason)


@pytest.mark.parametrize("command", [("update",), ("recopy", "--overwrite")], ids=" ".join)
def test_a_service_of_one_stack_never_becomes_one_of_the_other(
    untouched: Repo, team: Team, command: tuple[str, ...]
) -> None:
    before = untouched.files(), untouched.read(".copier-answers.yml")
    answer = f"backend_framework={team.other}"
    done = copier(*command, "--vcs-ref", SECOND, "-d", answer, cwd=untouched.folder)
    _is_refused(untouched, done, "backend_framework", _of(team, IDENTITY[0][2]))
    assert (untouched.files(), untouched.read(".copier-answers.yml")) == before


def _of(team: Team, said: Any) -> Any:
    return said.format_map(vars(team)) if isinstance(said, str) else said


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
        {},
        {"agent_tools": ["gemini", "copilot", "cursor"], "company_name": "Ümlaut & Söhne"},
        {"key_entities": {"feedback": None, "invoices": INVOICES}},
        {"external_apis": {"apideck": "CRM sync", "stripe": "payments"}, "api_prefix": "/v2"},
    ],
    ids=lambda answers: "+".join(answers) or "options of the stack",
)
def test_other_answers_give_what_a_fresh_repo_would_have(
    template: Template, untouched: Repo, team: Team, tmp_path: Path, answers: dict[str, Any]
) -> None:
    answers = answers or team.options
    done = untouched.update(answers, tag=FIRST)
    assert done.code == 0, done.said
    core = {"core_tables": "accounts, accounts_memberships, sdk_keys, feedback"}
    fresh = template.generate(tmp_path / "fresh", team.answers | core | answers)
    assert untouched.files() == fresh.files()


def test_a_new_entity_follows_the_migrations_that_are_there(untouched: Repo, team: Team) -> None:
    untouched.write(*team.migration)
    untouched.commit()
    done = untouched.update({"key_entities": {"feedback": None, "invoices": INVOICES}})
    assert done.code == 0, done.said
    migration = untouched.read(team.next_migration)
    assert re.search(team.follows, migration, re.MULTILINE), migration
    path, written = team.migration
    assert untouched.read(path) == written
    assert (untouched.folder / team.routes.replace("feedback", "invoices")).is_file()
    assert (untouched.folder / team.entity_test).is_file()
    untouched.commit()
    again = untouched.update({"key_entities": {"feedback": None, "invoices": INVOICES}})
    assert again.code == 0, again.said
    assert untouched.status() == ""


@pytest.mark.parametrize("team", ["fastapi"], indirect=True)
def test_a_history_with_two_ends_is_refused_before_anything_is_written(
    repo: Repo, team: Team
) -> None:
    repo.write(*team.migration)
    fork = ALEMBIC.replace('revision = "0005"', 'revision = "fork"', 1)
    repo.write("migrations/versions/fork_note.py", fork)
    repo.commit()
    done = repo.update({"key_entities": {"feedback": None, "invoices": INVOICES}})
    assert done.code == 1
    assert "these are last: 0005, fork" in done.said
    assert repo.status() == ""


@pytest.mark.parametrize("team", ["express"], indirect=True)
def test_a_history_that_is_gone_is_refused_in_one_line(repo: Repo, team: Team) -> None:
    for file in (repo.folder / "migrations").iterdir():
        file.unlink()
    repo.commit()
    done = repo.update({"key_entities": {"feedback": None, "invoices": INVOICES}})
    assert done.code == 1
    assert "these are last: none" in done.said
    assert "Traceback" not in done.said
    assert repo.status() == ""
