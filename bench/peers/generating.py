"""How long each generator takes, and how much it writes."""

import shutil
from collections.abc import Callable, Iterable
from pathlib import Path
from statistics import median

from bench.measure import Cost, interleaved, run, spread
from bench.results import table, tell

from .contestant import PROJECT, Contestant

# What tools leave behind while the project is generated is not what was generated.
LEFT_BEHIND = {".git", "__pycache__", ".ruff_cache"}


class Generating:
    """The generators, each started as its user does, once all that they need is there."""

    def __init__(self, scratch: Path, sides: Iterable[type[Contestant]]) -> None:
        """Install the generators; nothing of that is measured."""
        self.scratch = scratch
        self.commands = {side.title: side.generation() for side in sides}
        self.files: dict[str, int] = {}
        self.home = scratch / "home"
        self.home.mkdir()

    def into(self, title: str, folder: Path) -> Cost:
        """Generate a project into a folder."""
        folder.mkdir(exist_ok=True)
        command = self.commands[title]
        # They remember things about their user, who is not this machine's.
        cost = run(command.words, folder, **{"HOME": str(self.home), **command.variables})
        self.files[title] = sum(
            path.is_file() and not LEFT_BEHIND & set(path.parts)
            for path in (folder / PROJECT).rglob("*")
        )
        return cost

    def _once(self, title: str) -> Callable[[], Cost]:
        def generation() -> Cost:
            folder = self.scratch / "generated"
            cost = self.into(title, folder)
            shutil.rmtree(folder)
            return cost

        return generation

    def measured(self, rounds: int) -> str:
        """The table of all generators."""
        tell("peers: generating")
        costs = interleaved({title: self._once(title) for title in self.commands}, rounds)
        rows = []
        for title, own in costs.items():
            walls = [1000 * cost.wall for cost in own]
            rows.append(
                (
                    title,
                    self.files[title],
                    spread(walls, "ms"),
                    spread((1000 * cost.cpu for cost in own), "ms"),
                    f"{median(walls) / self.files[title]:.1f} ms",
                    f"{max(cost.memory for cost in own):.0f} MiB",
                )
            )
        head = ("", "files", "wall", "processor", "wall per file", "peak memory")
        return table(head, rows)
