"""A template with a past, and repos that were made from it and edited since."""

import shutil
import subprocess
import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from harness import ROOT
from harness.project import COMMITTER, environment

PARTS = ("copier.yml", "extensions", "macros", "template")
FIRST, SECOND, THIRD = RELEASES = ("0.1.0", "0.2.0", "0.3.0")


def git(folder: Path, *arguments: str) -> str:
    done = subprocess.run(
        ["git", *COMMITTER, *arguments],
        cwd=folder,
        env=environment(),
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, f"git {' '.join(arguments)}: {done.stderr}"
    return done.stdout


def commit_all(folder: Path, message: str) -> None:
    git(folder, "add", "--all")
    git(folder, "commit", "--quiet", "--allow-empty", "--message", message)


@dataclass
class Done:
    """How a run of Copier ended."""

    code: int
    said: str


def copier(command: str, *arguments: str, cwd: Path) -> Done:
    done = subprocess.run(
        [sys.executable, "-m", "copier", command, "--trust", "--defaults", *arguments],
        cwd=cwd,
        env=environment(),
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
    )
    return Done(done.returncode, done.stderr)


def _write(file: Path, answers: Mapping[str, Any]) -> None:
    # The order of fields is part of the answer.
    text = yaml.safe_dump(dict(answers), allow_unicode=True, sort_keys=False)
    file.write_text(text, encoding="utf-8")


class Template:
    """This work tree as a first release, and what a test makes of it as the next."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        folder.mkdir()
        for part in PARTS:
            source = ROOT / part
            if source.is_dir():
                ignored = shutil.ignore_patterns("__pycache__", ".services")
                shutil.copytree(source, folder / part, ignore=ignored)
            else:
                shutil.copy(source, folder)
        git(folder, "init", "--quiet", "--initial-branch", "main")
        self.release(FIRST)

    def release(self, tag: str, edit: Callable[[Path], None] = lambda _: None) -> None:
        edit(self.folder / "template")
        commit_all(self.folder, f"Release {tag}")
        git(self.folder, "tag", tag)

    def generate(
        self, folder: Path, answers: Mapping[str, Any] | None = None, tag: str = FIRST
    ) -> "Repo":
        data = folder.parent / f"{folder.name}.yml"
        _write(data, {"project_name": "shop", **(answers or {})})
        where = ["--vcs-ref", tag, "--data-file", str(data), str(self.folder), str(folder)]
        done = copier("copy", "--quiet", *where, cwd=self.folder)
        assert done.code == 0, done.said
        git(folder, "init", "--quiet", "--initial-branch", "main")
        commit_all(folder, "Start")
        return Repo(folder)


class Repo:
    """A generated repo under git."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def read(self, path: str) -> str:
        return (self.folder / path).read_text(encoding="utf-8")

    def write(self, path: str, text: str) -> None:
        target = self.folder / path
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_text(text, encoding="utf-8")

    def replace(self, path: str, old: str, new: str) -> None:
        text = self.read(path)
        assert old in text, f"{path} holds no {old!r}"
        self.write(path, text.replace(old, new))

    def commit(self) -> None:
        commit_all(self.folder, "Work of the team")

    def update(self, answers: Mapping[str, Any] | None = None, tag: str = SECOND) -> Done:
        return self._run("update", answers, "--vcs-ref", tag)

    def recopy(self, answers: Mapping[str, Any]) -> Done:
        return self._run("recopy", answers, "--overwrite", "--vcs-ref", FIRST)

    def _run(self, command: str, answers: Mapping[str, Any] | None, *arguments: str) -> Done:
        data = self.folder.parent / f"{self.folder.name}-{command}.yml"
        _write(data, answers or {})
        return copier(command, *arguments, "--data-file", str(data), cwd=self.folder)

    def status(self) -> str:
        return git(self.folder, "status", "--porcelain")

    def restore(self) -> None:
        """Back to the last commit, whatever a test has done."""
        git(self.folder, "reset", "--quiet", "--hard")
        git(self.folder, "clean", "--quiet", "--force", "-d", "-x")

    def files(self) -> dict[str, bytes]:
        """Every file that is not git's own and not Copier's, by path."""
        found = git(self.folder, "ls-files", "-z", "--cached", "--others", "--exclude-standard")
        return {
            path: (self.folder / path).read_bytes()
            for path in sorted(set(found.split("\0")))
            if path and path != ".copier-answers.yml" and (self.folder / path).is_file()
        }
