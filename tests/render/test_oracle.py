"""The rules of compatibility.yml and an independent statement agree on every combination."""

import re
import shutil
from itertools import chain, combinations
from pathlib import Path

import pytest
import yaml

from harness.tally import count

from .conftest import ROOT, read_answers
from .proof.judging import Judge, disagreements
from .proof.oracle import LANGUAGE_OF_FRAMEWORK, clashes, knows

# A second language and databases without SQL, as frameworks.yml and copier.yml would offer them;
# `none` stands for each kind of library that has no rule.
FOREIGN = {
    "backend_framework": ["express"],
    "database_system": ["mongodb", "redis"],
    "orm_tool": ["none"],
    "validation_lib": ["none"],
    "queue_system": ["sqs"],
    "package_manager": ["none"],
}


@pytest.fixture(scope="module")
def offered() -> Judge:
    return Judge(ROOT)


@pytest.fixture
def foreign_template(tmp_path: Path) -> Path:
    """The template, offering a framework of a language that it does not have yet."""
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
    frameworks = tmp_path / "extensions" / "frameworks.yml"
    data = read_answers(frameworks)
    data["express"] = data["fastapi"] | {"language": "node"}
    frameworks.write_text(yaml.safe_dump(data), encoding="utf-8")
    languages = tmp_path / "extensions" / "languages.yml"
    known = read_answers(languages)
    languages.write_text(yaml.safe_dump(known | {"node": known["python"]}), encoding="utf-8")
    return tmp_path


def test_the_statement_knows_everything_that_is_offered(offered: Judge) -> None:
    choices = list(chain.from_iterable(offered.choices.values()))
    assert [choice for choice in choices if not knows(choice)] == []
    frameworks = read_answers(ROOT / "extensions" / "frameworks.yml")
    for framework, facts in frameworks.items():
        assert LANGUAGE_OF_FRAMEWORK[framework] == facts["language"]


def test_both_agree_on_every_combination_that_is_offered(offered: Judge) -> None:
    judged = list(offered.combinations())
    assert list(chain.from_iterable(disagreements(offered, answers) for answers in judged)) == []
    legal = sum(not any(clashes(answers)) for answers in judged)
    count("legal combinations", judged=len(judged), legal=legal)


def test_any_agent_tools_go_together_but_one_there_must_be(offered: Judge) -> None:
    tools = offered.environment.derived.choices["agent_tools"]
    for size in range(len(tools) + 1):
        for chosen in combinations(tools, size):
            assert offered.accepts_tools(list(chosen)) == (size > 0), chosen
    count("legal combinations", judged=2 ** len(tools), legal=2 ** len(tools) - 1)


def test_both_agree_where_another_language_and_database_make_the_rules_bite(
    foreign_template: Path,
) -> None:
    judge = Judge(foreign_template)
    judged = list(judge.combinations())
    assert list(chain.from_iterable(disagreements(judge, answers) for answers in judged)) == []
    legal = [answers for answers in judged if not any(clashes(answers))]
    assert 0 < len(legal) < len(judged)
    told = {reason for answers in judged for reason in judge.refused_at(answers).values()}
    rules = read_answers(foreign_template / "extensions" / "compatibility.yml")
    reasons = {
        rule["because"]
        for choices in rules.values()
        for found in choices.values()
        for rule in found
    }
    assert reasons == told
    count("legal combinations", judged=len(judged), legal=len(legal))


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
                judge = Judge(foreign_template)
                said = [
                    line
                    for answers in judge.combinations()
                    for line in disagreements(judge, answers)
                ]
                assert said, rule
                (other,) = rule["needs"]
                told = rf"{question}={choice}\b.*: allowed, though {question}={choice} is .*{other}"
                assert all(re.search(told, line) for line in said), said[0]


def test_a_rule_too_many_shows_as_the_combination_and_the_reason(foreign_template: Path) -> None:
    path = foreign_template / "extensions" / "compatibility.yml"
    reason = "pip is out of fashion."
    rule = {"shared": [{"excludes": {"package_manager": ["pip"]}, "because": reason}]}
    path.write_text(
        yaml.safe_dump(read_answers(path) | {"logging_lib": rule}, sort_keys=False), "utf-8"
    )
    judge = Judge(foreign_template)
    said = [line for answers in judge.combinations() for line in disagreements(judge, answers)]
    extra = [line for line in said if "without need" in line]
    assert extra
    assert all("package_manager=pip" in line and reason in line for line in extra)
