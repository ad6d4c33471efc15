"""Where the time of one generation goes: the steps of Copier, each without those it calls."""

import time
from collections import Counter, defaultdict
from collections.abc import Callable
from contextlib import ExitStack
from pathlib import Path
from typing import Any
from unittest.mock import patch

from copier._main import Worker
from jinja2 import Environment, Template

from .templates import generate

REST = "reading, comparing and writing files"
# The phase of each method. What it calls of the others is theirs, except in WHOLE ones.
PHASES: dict[str, tuple[type, str]] = {
    "extensions loaded, their data read": (Environment, "__init__"),
    "first message, which rehearses the answers": (Worker, "_print_message"),
    "questions asked and vetted": (Worker, "_ask"),
    "paths and templates compiled": (Environment, "compile"),
    "Copier's context made for each of them": (Worker, "_render_context"),
    "paths and templates rendered": (Template, "render"),
    "git asked about each written file": (Worker, "_sync_git_index_executable_bit"),
}
WHOLE = {"first message, which rehearses the answers", "questions asked and vetted"}
ALWAYS = "extensions loaded, their data read"


class Clock:
    """Gives each moment to one phase, the innermost that has begun."""

    def __init__(self) -> None:
        self.seconds: dict[str, float] = defaultdict(float)
        self.calls: Counter[str] = Counter()
        self._open = [REST]
        self._since = time.perf_counter()

    def _turn(self) -> None:
        now = time.perf_counter()
        self.seconds[self._open[-1]] += now - self._since
        self._since = now

    def timed(self, phase: str, method: Callable[..., Any]) -> Callable[..., Any]:
        """The method, with its time told to the clock."""

        def call(*arguments: Any, **named: Any) -> Any:
            if self._open[-1] in WHOLE and phase != ALWAYS:
                return method(*arguments, **named)
            self._turn()
            self._open.append(phase)
            self.calls[phase] += 1
            try:
                return method(*arguments, **named)
            finally:
                self._turn()
                self._open.pop()

        return call

    def stop(self) -> None:
        """Give what is left to the phase that is open."""
        self._turn()


def phases_of(template: Path, target: Path) -> Clock:
    """Generate once and tell the seconds of each phase."""
    clock = Clock()
    with ExitStack() as stack:
        for phase, (owner, name) in PHASES.items():
            timed = clock.timed(phase, getattr(owner, name))
            stack.enter_context(patch.object(owner, name, timed))
        generate(template, target)
    clock.stop()
    return clock
