"""The insert of each service under the same load, and what it refuses."""

from collections.abc import Iterable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from statistics import median

import psutil

from bench.measure import spread
from bench.results import table, tell
from harness.waiting import wait_until

from .contestant import Contestant
from .load import Outcome, Request, attack
from .probes import PROBES
from .servers import psql

# Few enough for every pool, and more than the pools of some hold.
CONNECTIONS = 8
MANY = 32
SETTLE_SECONDS = 10


@dataclass
class Turn:
    """One service under load for a time, alone."""

    outcome: Outcome
    # Rows that were there when the last answer had come, and a while later.
    stored: int
    settled: int
    effort: float

    @property
    def rate(self) -> float:
        """Rows a second: an answer alone is no insert."""
        return self.stored / self.outcome.seconds


@dataclass
class Side:
    """A service that runs, and what was seen of it."""

    contestant: Contestant
    request: Request
    turns: list[Turn] = field(default_factory=list)
    memory: float = 0.0

    def rows(self) -> int:
        """How many rows there are, as their owner counts them."""
        url = self.contestant.database.geturl()
        return int(psql(url, f"SELECT count(*) FROM {self.contestant.table}"))  # noqa: S608 -- ours

    def bear(self, connections: int, seconds: float) -> Turn:
        """One turn of load; it is over when all rows are there that were promised."""
        rows, effort = self.rows(), self._processor()
        outcome = attack(self.request, connections, seconds)
        stored = self.rows() - rows
        with suppress(TimeoutError):
            wait_until(lambda: self.rows() - rows >= outcome.accepted, "rows", SETTLE_SECONDS)
        each = (self._processor() - effort) / max(outcome.accepted, 1)
        self.memory = sum(one.memory_full_info().pss for one in self._processes()) / 2**20
        return Turn(outcome, stored, self.rows() - rows, each)

    def _processes(self) -> list[psutil.Process]:
        assert self.contestant.process is not None
        first = self.contestant.process.inner()
        return [first, *first.children(recursive=True)]

    def _processor(self) -> float:
        return sum(sum(process.cpu_times()[:2]) for process in self._processes())


def under_load(sides: Mapping[str, Side], rounds: int, seconds: float) -> str:
    """The table of all services under the same load, turn by turn."""
    tell("peers: the same load on each insert")
    titles = list(sides)
    for side in sides.values():
        side.bear(CONNECTIONS, seconds / 2)
    for number in range(rounds):
        first = number % len(titles)
        for title in titles[first:] + titles[:first]:
            sides[title].turns.append(sides[title].bear(CONNECTIONS, seconds))
    return table(HEAD, [_row(title, side) for title, side in sides.items()])


def with_many(sides: Mapping[str, Side], seconds: float) -> str:
    """The table of all services with more connections; the last one: some do not recover soon."""
    tell(f"peers: {MANY} connections")
    rows = []
    for title, side in sides.items():
        turn = side.bear(MANY, seconds)
        outcome = turn.outcome
        rows.append(
            (
                title,
                f"{turn.rate:,.0f}",
                *(f"{1000 * outcome.percentile(share):,.0f} ms" for share in (0.5, 0.99)),
                f"{outcome.failed:,} of {outcome.accepted + outcome.failed:,}",
                f"{outcome.accepted - turn.stored:,}",
            )
        )
    head = ("", "inserts a second", "p50", "p99", "refused, broken or unanswered", HEAD[-1])
    return table(head, rows)


HEAD = (
    "",
    "inserts a second",
    "p50",
    "p99",
    "processor of the API per insert",
    "memory of the API",
    "refused or broken",
    "answered, but not stored yet",
)


def _row(title: str, side: Side) -> tuple[str, ...]:
    turns = side.turns
    promised = sum(turn.outcome.accepted for turn in turns)
    lost = sum(turn.outcome.accepted - turn.settled for turn in turns)
    late = max(turn.outcome.accepted - turn.stored for turn in turns)
    return (
        title,
        spread(turn.rate for turn in side.turns),
        *(
            f"{1000 * median(turn.outcome.percentile(share) for turn in side.turns):.0f} ms"
            for share in (0.5, 0.99)
        ),
        spread((1000 * turn.effort for turn in side.turns), "ms", 2),
        f"{side.memory:.0f} MiB",
        f"{sum(turn.outcome.failed for turn in turns):,} of {promised:,}",
        f"{late:,}" + (f" ({lost:,} never)" if lost else ""),
    )


def refusals(sides: Mapping[str, Side]) -> str:
    """The table of what each answers to what an insert has to refuse."""
    tell("peers: what each insert refuses")
    answers = {
        title: [probe(side.contestant, side.request) for probe in PROBES.values()]
        for title, side in sides.items()
    }
    return table(("", *PROBES), [(title, *found) for title, found in answers.items()])


def described(contestants: Iterable[type[Contestant]]) -> str:
    """What was generated, and which route of it was taken."""
    rows = [(one.title, one.options, one.route) for one in contestants]
    lines = ["| | project | insert |", "| --- | --- | --- |"]
    return "\n".join([*lines, *(f"| {' | '.join(row)} |" for row in rows)])
