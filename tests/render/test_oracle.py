"""The rules of compatibility.yml and an independent statement agree on every combination."""

import re
import shutil
from itertools import chain, combinations
from pathlib import Path

import pytest
import yaml

from harness.tally import count

from .conftest import ROOT, read_answers
from .proof.judging import Judge, Judged, disagreements
from .proof.oracle import LANGUAGE_OF_FRAMEWORK, clashes, knows
from .proof.pairs import covering

# Databases without SQL, as copier.yml would offer them; `none` stands for a mapper of their own.
FOREIGN = {
    "database_system": ["mongodb", "redis"],
    "orm_tool": ["none"],
    "queue_system": ["sqs"],
}


@pytest.fixture(scope="module")
def offered() -> Judge:
    return Judge(ROOT)


@pytest.fixture
def foreign_template(tmp_path: Path) -> Path:
    """The template, offering databases and a queue that it does not have yet."""
    shutil.copy(ROOT / "copier.yml", tmp_path)
    ignored = shutil.ignore_patterns("__pycache__")
    shutil.copytree(ROOT / "extensions", tmp_path / "extensions", ignore=ignored)
    (tmp_path / "template").mkdir()
    questions = tmp_path / "copier.yml"
    config = read_answers(questions)
    for question, choices in FOREIGN.items():
        for choice in choices:
            config[question]["choices"][choice] = {"value": choice}
    questions.write_text(yaml.safe_dump(config, sort_keys=False), encoding="utf-8")
    return tmp_path


def test_the_statement_knows_everything_that_is_offered(offered: Judge) -> None:
    choices = list(chain.from_iterable(offered.choices.values()))
    assert [choice for choice in choices if not knows(choice)] == []
    frameworks = read_answers(ROOT / "extensions" / "frameworks.yml")
    for framework, facts in frameworks.items():
        assert LANGUAGE_OF_FRAMEWORK[framework] == facts["language"]


def test_both_agree_on_every_combination_that_is_offered(offered: Judge) -> None:
    judged = legal = 0
    for answers, told in offered.judged():
        assert disagreements(answers, told) == []
        judged += 1
        legal += not any(clashes(answers))
    count("legal combinations", judged=judged, legal=legal)


def test_any_agent_tools_go_together_but_one_there_must_be(offered: Judge) -> None:
    tools = offered.environment.derived.choices["agent_tools"]
    for size in range(len(tools) + 1):
        for chosen in combinations(tools, size):
            assert offered.accepts_tools(list(chosen)) == (size > 0), chosen
    count("legal combinations", judged=2 ** len(tools), legal=2 ** len(tools) - 1)


def pairwise(judge: Judge) -> list[Judged]:
    """A rule speaks of two questions: pairs meet each, with every framework before them."""
    first, *others = judge.choices
    rows = covering({question: judge.choices[question] for question in others})
    return [judge.judge({first: choice} | row) for choice in judge.choices[first] for row in rows]


def test_both_agree_where_other_databases_make_the_rules_bite(foreign_template: Path) -> None:
    judge = Judge(foreign_template)
    judged = pairwise(judge)
    assert list(chain.from_iterable(disagreements(*one) for one in judged)) == []
    told = {reason for _, found in judged for reason in found.values()}
    rules = read_answers(foreign_template / "extensions" / "compatibility.yml")
    reasons = {
        rule["because"]
        for choices in rules.values()
        for found in choices.values()
        for rule in found
    }
    assert reasons == told
    legal = sum(not any(clashes(answers)) for answers, _ in judged)
    count("legal combinations", judged=len(judged), legal=legal)


def test_a_rule_that_is_dropped_shows_as_the_combination_and_the_rule(
    foreign_template: Path,
) -> None:
    path = foreign_template / "extensions" / "compatibility.yml"
    rules = read_answers(path)
    for question, choices in rules.items():
        for choice, found in choices.items():
            for rule in found:
                kept = {**choices, choice: [other for other in found if other is not rule]}
                path.write_text(yaml.safe_dump(rules | {question: kept}), encoding="utf-8")
                judged = pairwise(Judge(foreign_template))
                said = [line for one in judged for line in disagreements(*one)]
                assert said, rule
                (other,) = rule.get("needs") or rule["excludes"]
                told = rf"{question}={choice}\b.*: allowed, though .*\b{choice} is .*{other}"
                assert all(re.search(told, line) for line in said), said[0]


def test_a_rule_too_many_shows_as_the_combination_and_the_reason(foreign_template: Path) -> None:
    path = foreign_template / "extensions" / "compatibility.yml"
    reason = "pip is out of fashion."
    rules = read_answers(path)
    rule = {"excludes": {"package_manager": ["pip"]}, "because": reason}
    rules["logging_lib"]["structlog"].append(rule)
    path.write_text(yaml.safe_dump(rules, sort_keys=False), "utf-8")
    judged = pairwise(Judge(foreign_template))
    said = [line for one in judged for line in disagreements(*one)]
    extra = [line for line in said if "without need" in line]
    assert extra
    assert all("package_manager=pip" in line and reason in line for line in extra)
