"""Measuring: a command with its time and memory, and medians that say how far they scatter."""

import subprocess
import sys
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from statistics import median

from harness.project import environment


@dataclass(frozen=True)
class Cost:
    """What one run took: seconds on the clock, seconds of processor, peak memory in MiB."""

    wall: float
    cpu: float
    memory: float = 0.0


# The kernel counts the memory of who starts a process as the process's own, up to its exec. So a
# small one starts it, and tells seconds, seconds of processor and KiB as its last line.
LAUNCHER = """
import os, sys, time
began = time.perf_counter()
pid = os.posix_spawnp(sys.argv[1], sys.argv[1:], os.environ)
_, status, usage = os.wait4(pid, 0)
wall = time.perf_counter() - began
print(f"\\n{wall} {usage.ru_utime + usage.ru_stime} {usage.ru_maxrss}", file=sys.stderr)
sys.exit(os.waitstatus_to_exitcode(status) != 0)
"""


class CommandFailed(Exception):
    """A measured command ended with an error; holds what it printed."""


def run(command: Sequence[str | Path], cwd: Path | None = None, **variables: str) -> Cost:
    """Run a command to its end in a newcomer's environment; its children count, too."""
    ended = subprocess.run(
        [sys.executable, "-I", "-S", "-c", LAUNCHER, *map(str, command)],
        cwd=cwd,
        env=environment(variables),
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        errors="replace",
    )
    if ended.returncode != 0:
        told = (ended.stdout + ended.stderr)[-2000:]
        raise CommandFailed(f"{' '.join(map(str, command))}\n{told}")
    wall, cpu, memory = map(float, ended.stderr.splitlines()[-1].split())
    return Cost(wall, cpu, memory / 1024)


def interleaved(
    runs: Mapping[str, Callable[[], Cost]], rounds: int, warm_up: int = 1
) -> dict[str, list[Cost]]:
    """Run everything once a round, each round from another start: a busy moment meets them all."""
    names = list(runs)
    costs: dict[str, list[Cost]] = {name: [] for name in names}
    for number in range(-warm_up, rounds):
        turn = number % len(names)
        for name in names[turn:] + names[:turn]:
            cost = runs[name]()
            if number >= 0:
                costs[name].append(cost)
    return costs


def spread(values: Iterable[float], unit: str = "", digits: int = 0) -> str:
    """The median, and in brackets the least and the most."""
    ordered = sorted(values)
    least, most = ordered[0], ordered[-1]
    middle = f"{median(ordered):,.{digits}f} {unit}".strip()
    return f"{middle} ({least:,.{digits}f}–{most:,.{digits}f})"


def ratio(ours: Iterable[float], theirs: Iterable[float]) -> float:
    """The median of the rounds' own ratios: both sides of each were measured side by side."""
    return median(one / other for one, other in zip(ours, theirs, strict=True))
