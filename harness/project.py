"""A repo that is generated from this work tree, uncommitted changes included."""

import itertools
import os
import shlex
import signal
import subprocess
import sys
import time
from collections.abc import Mapping
from contextlib import nullcontext
from pathlib import Path
from typing import Any

import yaml

from .console import step, tail

ROOT = Path(__file__).resolve().parents[1]
# What a make, a virtual environment or a cloud account around us would leak into its commands.
LEAKY = ("MAKE", "MFLAGS", "VIRTUAL_ENV", "PYTHON", "PYTEST", "COVERAGE", "COPIER", "AWS_")
SETTINGS = (
    *("DATABASE_URL", "MIGRATION_DATABASE_URL", "REDIS_URL", "SQS_QUEUE_URL"),
    *("PORT", "LOG_LEVEL"),
)
COMMITTER = ("-c", "user.name=Newcomer", "-c", "user.email=newcomer@example.com")
STAGE_SECONDS = 1800

_numbers = itertools.count(1)


class StageFailed(Exception):
    """A command of the generated repo failed; says where its whole output is."""


def environment(variables: Mapping[str, str] | None = None) -> dict[str, str]:
    """The environment of a newcomer's shell."""
    kept = {
        name: value
        for name, value in os.environ.items()
        if not name.startswith(LEAKY) and name not in SETTINGS
    }
    own_tools = str(Path(sys.prefix) / "bin")
    kept["PATH"] = os.pathsep.join(
        part for part in kept.get("PATH", os.defpath).split(os.pathsep) if part != own_tools
    )
    return kept | dict(variables or {})


class Project:
    def __init__(self, folder: Path, logs: Path) -> None:
        self.folder = folder
        self.logs = logs
        logs.mkdir(parents=True, exist_ok=True)

    @classmethod
    def generate(cls, folder: Path, logs: Path, answers: Mapping[str, Any]) -> "Project":
        known = yaml.safe_load((ROOT / "copier.yml").read_text(encoding="utf-8"))
        if unknown := sorted(set(answers) - set(known)):
            raise ValueError(f"no such question: {', '.join(unknown)}")
        project = cls(folder, logs)
        data = logs / "answers.yml"
        data.write_text(
            yaml.safe_dump(dict(answers), allow_unicode=True, sort_keys=False), encoding="utf-8"
        )
        copy = [sys.executable, "-m", "copier", "copy", "--trust", "--defaults", "--quiet"]
        # HEAD stands for the work tree as it is, uncommitted changes included.
        project._run(
            "copier copy",
            [*copy, "--vcs-ref", "HEAD", "--data-file", str(data), str(ROOT), str(folder)],
            cwd=ROOT,
        )
        return project

    @property
    def answers(self) -> dict[str, Any]:
        recorded = (self.folder / ".copier-answers.yml").read_text(encoding="utf-8")
        answers: dict[str, Any] = yaml.safe_load(recorded)
        return answers

    def commit(self, message: str = "Start") -> None:
        if not (self.folder / ".git").exists():
            self.git("init", "--quiet", "--initial-branch", "main")
        self.git("add", "--all")
        self.git(*COMMITTER, "commit", "--quiet", "--message", message)

    def git(self, *arguments: str) -> str:
        return self._run(f"git {arguments[-1]}", ["git", *arguments], quiet=True)

    def changes(self) -> str:
        """What `git status` tells of: empty for a clean tree."""
        return self.git("status", "--porcelain")

    def make(
        self, target: str, variables: Mapping[str, str] | None = None, *, quiet: bool = False
    ) -> str:
        """Run a target to its end; the answer is its stdout."""
        return self._run(f"make {target}", ["make", target], variables=variables, quiet=quiet)

    def _run(
        self,
        what: str,
        command: list[str],
        *,
        cwd: Path | None = None,
        variables: Mapping[str, str] | None = None,
        quiet: bool = False,
    ) -> str:
        name = "".join(c if c.isalnum() else "-" for c in what)
        # The number keeps two commands of one moment apart: each reads its own output.
        stamp = f"{time.time_ns() // 1_000_000}-{next(_numbers)}-{name}"
        log = self.logs / f"{stamp}.log"
        output = self.logs / f"{stamp}.out"
        with nullcontext() if quiet else step(what):
            self._execute(command, cwd or self.folder, environment(variables), output, log)
        return output.read_text(encoding="utf-8")

    @staticmethod
    def _execute(
        command: list[str], cwd: Path, env: dict[str, str], output: Path, log: Path
    ) -> None:
        with output.open("wb") as out, log.open("wb") as err:
            running = subprocess.Popen(
                command,
                cwd=cwd,
                env=env,
                stdin=subprocess.DEVNULL,
                stdout=out,
                stderr=err,
                start_new_session=True,
            )
        try:
            code = running.wait(STAGE_SECONDS)
        except BaseException:
            # Ctrl-C reaches us alone: what was started goes as one.
            os.killpg(running.pid, signal.SIGKILL)
            running.wait()
            raise
        if code != 0:
            shown = [
                f"--- {path} ---\n{tail(path.read_text(errors='replace'))}"
                for path in (output, log)
                if path.stat().st_size
            ]
            story = "\n".join(shown)
            raise StageFailed(f"`{shlex.join(command)}` in {cwd} ended with {code}\n{story}")
