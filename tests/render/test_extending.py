"""A choice is added by new files and one line in copier.yml and in compatibility.yml."""

import shutil
from pathlib import Path

import pytest
import yaml
from copier._main import Worker
from copier._user_data import AnswersMap, Question

from .conftest import Command, read_answers

CHOICE = """\
    "Made-up        for this test": {value: made_up, validator: "{{ refusal('rate_limit_lib', 'made_up') }}"}
"""
RULES = [
    {
        "needs": {"package_manager": ["pip"]},
        "because": "The made-up limiter is on no index; choose pip.",
    },
    {
        "excludes": {"logging_lib": ["shared"]},
        "because": "The made-up limiter logs for itself; choose structlog.",
    },
]


@pytest.fixture
def extended(plain_template: Path, tmp_path: Path) -> Path:
    """The template with a made-up limiter."""
    template = tmp_path / "template"
    shutil.copytree(plain_template, template)
    insert_after(template / "copier.yml", '    "Custom  ', CHOICE)
    path = template / "extensions" / "compatibility.yml"
    rules = read_answers(path)
    rules["rate_limit_lib"]["made_up"] = RULES
    path.write_text(yaml.safe_dump(rules, sort_keys=False), encoding="utf-8")
    folder = template / "template" / "{{ on.rate_limit_lib.made_up }}"
    folder.mkdir()
    (folder / "MADE_UP.md").write_text("# Made up\n")
    return template


def insert_after(path: Path, line: str, text: str) -> None:
    lines = path.read_text(encoding="utf-8").splitlines(keepends=True)
    (index,) = [number for number, found in enumerate(lines) if found.startswith(line)]
    lines.insert(index + 1, text)
    path.write_text("".join(lines), encoding="utf-8")


def choice_of(template: Path, question: str, choice: str, **answers: str) -> str:
    """Return what the prompt shows beside a choice that it greys out."""
    with Worker(src_path=str(template), unsafe=True) as worker:
        asked = Question(
            var_name=question,
            answers=AnswersMap(),
            context={"backend_framework": "fastapi", **answers},
            jinja_env=worker.jinja_env,
            **read_answers(template / "copier.yml")[question],
        )
        (found,) = [item for item in asked._formatted_choices if item.value == choice]
    return found.disabled or ""


def test_the_choice_brings_its_folder_and_drops_the_others(
    copier_copy: Command, extended: Path, tmp_path: Path
) -> None:
    target = tmp_path / "shop"
    answers = ["--data", "rate_limit_lib=made_up", "--data", "package_manager=pip"]
    assert copier_copy(target, "--quiet", *answers, template=extended) == 0
    assert (target / "MADE_UP.md").is_file()
    assert read_answers(target / ".copier-answers.yml")["rate_limit_lib"] == "made_up"


def test_the_default_stays(copier_copy: Command, extended: Path, tmp_path: Path) -> None:
    target = tmp_path / "shop"
    assert copier_copy(target, "--quiet", template=extended) == 0
    assert not (target / "MADE_UP.md").exists()


@pytest.mark.parametrize(
    ("answers", "reason"),
    [
        ({"logging_lib": "structlog"}, ""),
        ({"logging_lib": "shared"}, "The made-up limiter logs for itself; choose structlog."),
    ],
)
def test_the_prompt_greys_a_clashing_choice_out(
    extended: Path, answers: dict[str, str], reason: str
) -> None:
    assert choice_of(extended, "rate_limit_lib", "made_up", **answers) == reason


def test_the_rule_holds_for_the_question_that_is_asked_later(extended: Path) -> None:
    reason = choice_of(extended, "package_manager", "uv", rate_limit_lib="made_up")
    assert reason == "The made-up limiter is on no index; choose pip."
    assert choice_of(extended, "package_manager", "pip", rate_limit_lib="made_up") == ""


@pytest.mark.parametrize(
    ("answers", "message"),
    [
        (
            ["logging_lib=shared", "rate_limit_lib=made_up"],
            "rate_limit_lib: The made-up limiter logs for itself; choose structlog. "
            "What works: custom, redis_rate_limiter.",
        ),
        (
            ["rate_limit_lib=made_up", "package_manager=uv"],
            "package_manager: The made-up limiter is on no index; choose pip. What works: pip.",
        ),
    ],
)
def test_a_clash_ends_the_run_with_the_reason_and_what_works(
    copier_copy: Command,
    extended: Path,
    tmp_path: Path,
    capfd: pytest.CaptureFixture[str],
    answers: list[str],
    message: str,
) -> None:
    arguments = [part for answer in answers for part in ("--data", answer)]
    assert copier_copy(tmp_path / "shop", *arguments, template=extended) == 1
    assert capfd.readouterr().err.splitlines() == [message]
    assert not (tmp_path / "shop").exists()


def test_the_default_is_the_first_choice_that_goes_with_the_rest(
    copier_copy: Command, extended: Path, tmp_path: Path
) -> None:
    target = tmp_path / "shop"
    assert (
        copier_copy(target, "--quiet", "--data", "rate_limit_lib=made_up", template=extended) == 0
    )
    assert read_answers(target / ".copier-answers.yml")["package_manager"] == "pip"
