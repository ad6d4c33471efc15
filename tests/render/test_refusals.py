"""One file per bad answer; its first line tells what a user must be told."""

import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import yaml

from harness.tally import count

from .conftest import Command, read_answers

BAD = sorted((Path(__file__).parent / "bad").glob("*.yml"))
MARK = "# expect: "


def expected(path: Path) -> str:
    first = path.read_text(encoding="utf-8").splitlines()[0]
    assert first.startswith(MARK)
    return first.removeprefix(MARK)


def as_arguments(answers: dict[str, Any]) -> list[str]:
    arguments = []
    for name, answer in answers.items():
        plain = isinstance(answer, str | int | float)
        text = str(answer) if plain else yaml.safe_dump(answer, sort_keys=False)
        arguments += ["--data", f"{name}={text}"]
    return arguments


def assert_refused(code: int, said: str, message: str, target: Path) -> None:
    assert code == 1
    assert said.splitlines() == [message]
    assert not target.exists()


@pytest.mark.parametrize("path", BAD, ids=[path.stem for path in BAD])
def test_a_file_with_a_bad_answer_is_refused(
    copier_copy: Command, tmp_path: Path, capfd: pytest.CaptureFixture[str], path: Path
) -> None:
    target = tmp_path / "shop"
    # Quiet runs have no welcome text to vet the answers in; the questions themselves must.
    code = copier_copy(target, "--quiet", "--data-file", str(path))
    assert_refused(code, capfd.readouterr().err, expected(path), target)
    count("hostile answers", files=1, runs=1)


# Only a file can hold a number or a list where a text belongs.
TYPED = [path for path in BAD if "put it in quotes" not in expected(path)]


@pytest.mark.parametrize("path", TYPED, ids=[path.stem for path in TYPED])
def test_a_bad_answer_on_the_command_line_is_refused(
    copier_copy: Command, tmp_path: Path, capfd: pytest.CaptureFixture[str], path: Path
) -> None:
    target = tmp_path / "shop"
    code = copier_copy(target, *as_arguments(read_answers(path)))
    assert_refused(code, capfd.readouterr().err, expected(path), target)
    count("hostile answers", runs=1)


def test_an_existing_folder_stays_as_it_was(copier_copy: Command, tmp_path: Path) -> None:
    (tmp_path / "kept.txt").write_text("kept")
    assert copier_copy(tmp_path, "--data", "api_structure=../x") == 1
    assert [path.name for path in tmp_path.iterdir()] == ["kept.txt"]


# The others run in this process, which is ten times as fast and the same code.
SHARE = BAD[::40]


@pytest.mark.parametrize("path", SHARE, ids=[path.stem for path in SHARE])
def test_the_command_itself_prints_no_traceback(
    plain_template: Path, tmp_path: Path, path: Path
) -> None:
    target = tmp_path / "shop"
    command = [sys.executable, "-m", "copier", "copy", "--trust", "--defaults"]
    ways = [["--data-file", str(path)]]
    if path in TYPED:
        ways.append(as_arguments(read_answers(path)))
    for way in ways:
        done = subprocess.run(
            [*command, *way, str(plain_template), str(target)], capture_output=True, text=True
        )
        assert_refused(done.returncode, done.stderr, expected(path), target)
        count("hostile answers", runs=1)
