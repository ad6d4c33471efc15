"""Brings one service to what fleet.yml wants.

Whatever is made is made in a scratch folder and put in its place by one step at the end, a rename
or a new branch: a run that is killed leaves a scratch folder, and the next run removes it.
"""

import hashlib
import json
import shutil
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from fleet.answers import FILE, changed, recorded, stack
from fleet.config import Service
from fleet.report import Row, State
from fleet.repository import SCRATCH, Failed, Release, Repository, run

AGAIN = "then run it again"


@contextmanager
def scratch(beside: Path) -> Iterator[Path]:
    """Make a folder on the same file system, so that a rename is all it takes in the end."""
    folder = Path(tempfile.mkdtemp(prefix=SCRATCH, dir=beside))
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def sweep(services: tuple[Service, ...]) -> None:
    """Remove what runs that were killed have left beside the services."""
    for folder in {service.folder.parent for service in services}:
        for left in folder.glob(f"{SCRATCH}*"):
            shutil.rmtree(left, ignore_errors=True)


@dataclass(frozen=True)
class Application:
    """What is the same for every service of a run."""

    template: str
    release: Release
    check: bool = False

    def to(self, service: Service) -> Row:
        """Bring a service to what is wanted, and never raise: the others go on."""
        row = Row(service.name, State.FAILED)
        try:
            if not service.folder.exists() or _is_empty(service.folder):
                self._generate(service, row)
            else:
                self._keep(service, row)
        except (Failed, OSError) as error:
            row.next_step = f"{error}; {AGAIN}"
        return row

    def _copier(self, command: str, folder: Path, answers: dict[str, Any], *where: str) -> None:
        """Run Copier in a process of its own: it is not made for threads."""
        data = folder / "answers.yml"
        data.write_text(yaml.safe_dump(answers, sort_keys=False), encoding="utf-8")
        options = ("--quiet", "--trust", "--defaults", "--vcs-ref", self.release.name)
        files = ("--data-file", str(data), *where)
        run(folder, sys.executable, "-m", "copier", command, *options, *files)

    def _generate(self, service: Service, row: Row) -> None:
        service.folder.parent.mkdir(parents=True, exist_ok=True)
        with scratch(service.folder.parent) as folder:
            # The name of the folder is the default of the project's name.
            made = folder / service.folder.name
            try:
                self._copier("copy", folder, service.answers, self.template, str(made))
            except Failed as error:
                row.state, row.next_step = State.REFUSED, f"{error}; correct fleet.yml"
                return
            repository = Repository(made)
            repository.git("init", "--quiet")
            repository.commit_all(f"Start from the template at {self.release.name}\n")
            made.rename(service.folder)
        self._tell(row, service.folder)
        row.state, row.next_step = State.GENERATED, "push it to a repository of its own"
        self._check(service.folder, row)

    def _keep(self, service: Service, row: Row) -> None:
        repository = Repository(service.folder)
        before = recorded(service.folder)
        if before is None or not repository.is_root():
            row.state = State.FOREIGN
            row.next_step = f"move it away: it is no repository with {FILE}"
            return
        self._tell(row, service.folder)
        if before.get("_src_path") != self.template:
            row.state = State.FOREIGN
            row.next_step = f"it came from {before.get('_src_path')}: correct `template`, or {FILE}"
            return
        answers = changed(service.answers, before)
        if not answers and self.release.is_at(row.version):
            row.state = State.CURRENT
            self._check_again(repository, row, "HEAD")
            return
        branch = self._branch(answers)
        if repository.waits(branch):
            row.branch, row.state = branch, State.WAITING
            _judge(row, repository.conflicts(f"refs/heads/{branch}"))
            self._check_again(repository, row, f"refs/heads/{branch}")
        elif repository.is_dirty():
            row.state, row.next_step = State.DIRTY, f"commit or restore what changed, {AGAIN}"
        else:
            self._update(repository, row, branch, answers)

    def _branch(self, answers: dict[str, Any]) -> str:
        """Name a branch by what it brings, so that the next run knows it again."""
        text = json.dumps(answers, sort_keys=True, default=str)
        suffix = f"-{hashlib.sha256(text.encode()).hexdigest()[:8]}" if answers else ""
        return f"template/{self.release.name}{suffix}"

    def _update(
        self, repository: Repository, row: Row, branch: str, answers: dict[str, Any]
    ) -> None:
        beside = repository.folder.parent
        with scratch(beside) as folder, repository.elsewhere("HEAD", folder) as made:
            try:
                self._copier("update", folder, answers, str(made.folder))
            except Failed as error:
                row.state, row.next_step = State.REFUSED, f"{error}; correct fleet.yml or the repo"
            else:
                self._finish(made, row, branch)

    def _finish(self, made: Repository, row: Row, branch: str) -> None:
        conflicts = made.unsettled()
        if not made.is_dirty():
            row.state = State.CURRENT
            return
        told = "".join(f"\nConflict: {path}" for path in conflicts)
        # A hook would refuse the markers, which are to be seen on the branch.
        message = f"Update the template to {self.release.name}\n{told}\n"
        made.commit_all(message, ["--no-verify"])
        row.state, row.branch = State.UPDATED, branch
        _judge(row, conflicts)
        if row.state is State.UPDATED:
            self._check(made.folder, row)
        # Last, since the branch tells the next run that all of this is done.
        made.git("branch", "--force", branch, "HEAD")

    def _check(self, folder: Path, row: Row) -> None:
        if not self.check:
            return
        repository = Repository(folder)
        try:
            run(folder, "make", "setup")
            run(folder, "make", "check")
        except Failed as error:
            repository.remember_check(passed=False)
            _unchecked(row, f": {error}")
        else:
            repository.remember_check(passed=True)

    def _check_again(self, repository: Repository, row: Row, revision: str) -> None:
        """What failed is told until it passes; what has passed is not checked once more."""
        if row.conflicts or not repository.check_failed(revision):
            return
        if not self.check:
            _unchecked(row, "")
            return
        beside = repository.folder.parent
        with scratch(beside) as folder, repository.elsewhere(revision, folder) as made:
            self._check(made.folder, row)

    def _tell(self, row: Row, folder: Path) -> None:
        answers = recorded(folder) or {}
        row.stack, row.version = stack(answers), str(answers.get("_commit", "–"))


def _is_empty(folder: Path) -> bool:
    return folder.is_dir() and not any(folder.iterdir())


def _unchecked(row: Row, reason: str) -> None:
    row.state = State.UNCHECKED
    where = f"git switch {row.branch} && " if row.branch else ""
    row.next_step = f"{where}make setup && make check{reason}"


def _judge(row: Row, conflicts: list[str]) -> None:
    row.conflicts = conflicts
    row.next_step = f"git merge {row.branch}"
    if conflicts:
        row.state = State.CONFLICTS
        row.next_step = f"git switch {row.branch}, settle the conflicts, merge"
