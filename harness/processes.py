"""Processes that are started, watched, stopped and killed by their id."""

import contextlib
import os
import signal
import subprocess
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

import psutil

from .console import tail

# What stands between `make run` and the service. They do not hand a signal on as it came.
LAUNCHERS = {"make", "gmake", "sh", "bash", "dash"}
POLL_SECONDS = 0.02


class ProcessFailed(Exception):
    """The process ended, or did not do in time what it should."""


class Process:
    """A command in a process group of its own, its stdout and stderr in files."""

    def __init__(
        self, name: str, command: Sequence[str], *, cwd: Path, env: Mapping[str, str], logs: Path
    ) -> None:
        self.name = name
        self.stdout = logs / f"{name}.log"
        self.stderr = logs / f"{name}.err"
        self.began = time.monotonic()
        with self.stdout.open("ab") as out, self.stderr.open("ab") as err:
            self._popen = subprocess.Popen(
                command,
                cwd=cwd,
                env=dict(env),
                stdin=subprocess.DEVNULL,
                stdout=out,
                stderr=err,
                start_new_session=True,
            )

    @property
    def exit_code(self) -> int | None:
        """What the launcher ended with: `make` says 0 only if the service did."""
        return self._popen.poll()

    def inner(self) -> psutil.Process:
        """The service's own process, below make and the shell."""
        process = psutil.Process(self._popen.pid)
        while process.name() in LAUNCHERS and (children := process.children()):
            process = children[0]
        return process

    def wait_for(self, ready: Callable[[], bool], what: str, within: float) -> float:
        """Seconds from the start until it was ready."""
        deadline = time.monotonic() + within
        while not ready():
            if self.exit_code is not None:
                raise ProcessFailed(f"{self.name} ended with {self.exit_code}{self.last_words()}")
            if time.monotonic() > deadline:
                raise ProcessFailed(f"not within {within:g} s: {what}{self.last_words()}")
            time.sleep(POLL_SECONDS)
        return time.monotonic() - self.began

    def terminate(self) -> None:
        """SIGTERM to the service, as an orchestrator sends it."""
        if self.exit_code is None:
            self.inner().send_signal(signal.SIGTERM)

    def interrupt(self) -> None:
        """Ctrl-C: SIGINT to the whole group, as a terminal sends it."""
        if self.exit_code is None:
            os.killpg(self._popen.pid, signal.SIGINT)

    def wait(self, within: float) -> int:
        try:
            return self._popen.wait(within)
        except subprocess.TimeoutExpired:
            message = f"{self.name} still runs after {within:g} s{self.last_words()}"
            raise ProcessFailed(message) from None

    def stop(self, within: float) -> int:
        self.terminate()
        try:
            return self.wait(within)
        finally:
            self.kill()

    def kill(self) -> None:
        """SIGKILL to everything it started, in one blow."""
        if self.exit_code is None or self._group():
            with contextlib.suppress(ProcessLookupError):
                os.killpg(self._popen.pid, signal.SIGKILL)
        self._popen.wait()

    def last_words(self) -> str:
        words = [
            f"\n--- {path} ---\n{tail(path.read_text(errors='replace'))}"
            for path in (self.stdout, self.stderr)
        ]
        return "".join(words)

    def _group(self) -> bool:
        try:
            os.killpg(self._popen.pid, 0)
        except ProcessLookupError:
            return False
        return True
