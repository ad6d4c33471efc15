import subprocess
from pathlib import Path

import pytest
from pytest_copier.plugin import CopierFixture, run

from .conftest import Command


def test_a_copy_says_what_happens_and_what_comes_next(
    copier_copy: Command, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    assert copier_copy(tmp_path / "shop") == 0
    said = capfd.readouterr().err
    before, after = said.split("Copying from template", 1)
    assert f"writes a whole service into {tmp_path / 'shop'}" in " ".join(before.split())
    assert "Nothing is installed or started" in before
    commands = [line.strip() for line in after.splitlines() if line.startswith("  ")]
    assert commands[-3].startswith(f"cd {tmp_path / 'shop'} && git init")
    assert commands[-2:] == ["make setup", "make dev"]
    assert "README.md" in after


def test_an_update_says_what_happens_and_what_comes_next(
    copier: CopierFixture, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    project = copier.copy(tmp_path / "shop")
    for arguments in (["init"], ["add", "--all"], ["commit", "--message", "Start"]):
        run("git", *arguments, cwd=project.path)
    capfd.readouterr()
    project.update()
    before, after = capfd.readouterr().err.split("template version", 1)
    assert "Your edits of the others are merged" in " ".join(before.split())
    commands = [line.strip() for line in after.splitlines() if line.startswith("  ")]
    assert commands == ["git diff", "make setup", "make agent", "make check"]
    assert "README.md" in after
    status = subprocess.run(
        ["git", "status", "--short"], cwd=project.path, capture_output=True, text=True, check=True
    )
    assert status.stdout == ""


def test_quiet_is_quiet(
    copier_copy: Command, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    assert copier_copy(tmp_path / "shop", "--quiet") == 0
    assert capfd.readouterr().err == ""
