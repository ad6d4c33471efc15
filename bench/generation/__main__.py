"""`python -m bench.generation`: what a generation costs beside what Copier costs anyway."""

import argparse
import os
import shutil
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory
from typing import Any

from bench.measure import Cost, interleaved, ratio, run, spread
from bench.results import circumstances, publish, table, tell

from . import templates
from .phases import PHASES, REST, Clock, phases_of

GOAL = 1.5
OURS = "this template"
STATIC = "the same files, static"
ENTITIES = (1, 5, 10, 20, 30)
STACKS = (0, 1, 5, 10)
TIMES = ("wall", "processor")


class Bench:
    """The measurements, each in fresh folders below one scratch folder."""

    def __init__(self, scratch: Path, rounds: int) -> None:
        self.scratch = scratch
        self.rounds = rounds
        self.ours = templates.ours(scratch / "ours")
        self.output = scratch / "output"
        templates.generate(self.ours, self.output)
        self.templates = {
            OURS: self.ours,
            STATIC: templates.static(scratch / "static", self.output),
            "one file, one question": templates.bare(scratch / "bare"),
        }

    def here(self, template: Path, answers: Mapping[str, Any] | None = None) -> Callable[[], Cost]:
        """A generation in this process; the git commands that Copier starts count, too."""

        def generation() -> Cost:
            target = self.scratch / "target"
            before, began = os.times(), time.perf_counter()
            templates.generate(template, target, answers)
            wall, after = time.perf_counter() - began, os.times()
            shutil.rmtree(target)
            return Cost(wall, sum(after[:4]) - sum(before[:4]))

        return generation

    def command(self, template: Path) -> Callable[[], Cost]:
        """A generation as a user starts it."""

        def generation() -> Cost:
            target = self.scratch / "target"
            copy = [sys.executable, "-m", "copier", "copy", "--trust", "--defaults"]
            cost = run([*copy, template, target])
            shutil.rmtree(target)
            return cost

        return generation

    def compared(self) -> str:
        """Ours, static and bare: as a command and within one process."""
        tell("generation: against Copier itself")
        ways = {"command": self.command, "in one process": self.here}
        costs = interleaved(
            {
                f"{way}: {name}": start(template)
                for way, start in ways.items()
                for name, template in self.templates.items()
            },
            self.rounds,
        )
        rows = []
        for way in ways:
            base = costs[f"{way}: {STATIC}"]
            for name in self.templates:
                own = costs[f"{way}: {name}"]
                memory = max(cost.memory for cost in own)
                rows.append(
                    (
                        f"{way}: {name}",
                        *_both(own),
                        f"{ratio((c.wall for c in own), (c.wall for c in base)):.2f}",
                        f"{ratio((c.cpu for c in own), (c.cpu for c in base)):.2f}",
                        f"{memory:.0f} MiB" if memory else "",
                    )
                )
        head = ("", *TIMES, "÷ static, wall", "÷ static, processor", "peak memory")
        ours, base = (costs[f"command: {name}"] for name in (OURS, STATIC))
        # On a busy machine the clock tells more of the others than of us.
        reached = ratio((cost.cpu for cost in ours), (cost.cpu for cost in base))
        verdict = "met" if reached <= GOAL else "missed"
        return (
            f"{table(head, rows)}\n\nGoal {verdict}: the command takes {reached:.2f} times as much."
        )

    def phases(self) -> str:
        """Where the time goes, beside where it goes for static files."""
        tell("generation: where the time goes")
        pair = (OURS, STATIC)
        clocks: dict[str, list[Clock]] = {name: [] for name in pair}
        for _ in range(self.rounds):
            for name in pair:
                clocks[name].append(phases_of(self.templates[name], self.scratch / "target"))
                shutil.rmtree(self.scratch / "target")
        rows = [
            (
                phase,
                *(
                    f"{1000 * median(clock.seconds[phase] for clock in clocks[name]):,.0f} ms"
                    + (f" ({clocks[name][0].calls[phase]:,} calls)" if phase in PHASES else "")
                    for name in pair
                ),
            )
            for phase in (*PHASES, REST)
        ]
        return table(("", *pair), rows)

    def entities(self) -> str:
        """How it grows with the files that are written."""
        tell("generation: more entities")
        answers = {
            count: {"key_entities": [f"kind{number}_items" for number in range(count)]}
            for count in ENTITIES
        }
        counts = {}
        for count in ENTITIES:
            target = self.scratch / "grown"
            templates.generate(self.ours, target, answers[count])
            counts[count] = templates.files_in(target)
            shutil.rmtree(target)
        costs = interleaved(
            {str(count): self.here(self.ours, answers[count]) for count in ENTITIES},
            self.rounds,
        )
        rows = []
        for count in ENTITIES:
            own = costs[str(count)]
            each = 1000 * median(cost.cpu for cost in own) / counts[count]
            rows.append((count, counts[count], *_both(own), f"{each:.1f} ms"))
        return table(("entities", "files", *TIMES, "processor per file"), rows)

    def stacks(self) -> str:
        """How it grows with the stacks that the template holds and nobody chose."""
        tell("generation: more stacks in the template")
        grown = {
            count: templates.with_stacks(self.scratch / f"stacks-{count}", count)
            for count in STACKS
        }
        held = {count: templates.files_in(folder / "template") for count, folder in grown.items()}
        costs = interleaved(
            {str(count): self.here(folder) for count, folder in grown.items()}, self.rounds
        )
        rows = []
        for count in STACKS:
            skipped = held[count] - held[0]
            pairs = zip(costs[str(count)], costs["0"], strict=True)
            more = 1000 * median(cost.cpu - base.cpu for cost, base in pairs)
            each = f"{more / skipped:.2f} ms" if skipped else ""
            rows.append((count, skipped, *_both(costs[str(count)]), each))
        head = ("stacks nobody chose", "their files", *TIMES, "processor per skipped file")
        return table(head, rows)


def _both(costs: Sequence[Cost]) -> tuple[str, str]:
    """Time on the clock and of the processor."""
    walls = (1000 * cost.wall for cost in costs)
    return spread(walls, "ms"), spread((1000 * cost.cpu for cost in costs), "ms")


INTRODUCTION = """\
`copier copy` with the default answers writes {files} files. Goal: at most {goal} times the time of
Copier copying the same files unrendered. Medians (least–most) of {rounds} interleaved rounds; a
ratio is the median of the rounds' own ratios."""


PHASES_TOLD = """\
Where the time goes, in one process and timed from inside, so a little slower. Each row is without
those it calls. Copier asks git about each file that it writes, static or not."""


def section(bench: Bench) -> str:
    """The whole section of RESULTS.md."""
    files = templates.files_in(bench.output)
    return "\n\n".join(
        [
            "## Generation",
            circumstances("python -m bench.generation", "copier", "jinja2"),
            INTRODUCTION.format(files=files, goal=GOAL, rounds=bench.rounds),
            bench.compared(),
            PHASES_TOLD,
            bench.phases(),
            "With more entities, in one process:",
            bench.entities(),
            "With more stacks in the template that nobody chose, in one process:",
            bench.stacks(),
        ]
    )


def main() -> None:
    """Measure and publish."""
    parser = argparse.ArgumentParser(prog="python -m bench.generation", description=__doc__)
    parser.add_argument("--rounds", type=int, default=7, help="rounds of each measurement")
    parser.add_argument("--print", action="store_true", help="leave RESULTS.md as it is")
    arguments = parser.parse_args()
    with TemporaryDirectory() as scratch:
        body = section(Bench(Path(scratch), arguments.rounds))
    if not arguments.print:
        publish("generation", body)
    print(body)


if __name__ == "__main__":
    main()
