"""What a run found and did: a table for people, JSON for programs, an exit code for both."""

import json
from dataclasses import asdict, dataclass, field
from enum import StrEnum

from rich.console import Console
from rich.table import Table
from rich.text import Text


class State(StrEnum):
    """How a service stands."""

    GENERATED = "generated"
    CURRENT = "current"
    UPDATED = "updated on a branch"
    WAITING = "branch waits"
    BEHIND = "behind"
    MISSING = "missing"
    THERE = "there"
    UNREACHED = "not reached"
    CONFLICTS = "conflicts"
    DIRTY = "dirty"
    REFUSED = "refused"
    FOREIGN = "not of this template"
    UNCHECKED = "check failed"
    FAILED = "failed"


# The rest is as it should be, or gets there by merging a branch or by `fleet apply`.
NEEDS_A_PERSON = frozenset(
    {
        State.CONFLICTS,
        State.DIRTY,
        State.REFUSED,
        State.FOREIGN,
        State.UNCHECKED,
        State.FAILED,
    }
)


@dataclass
class Row:
    """A service in the report."""

    service: str
    state: State
    stack: str = "–"
    version: str = "–"
    conflicts: list[str] = field(default_factory=list)
    next_step: str = "–"
    branch: str | None = None


def exit_code(rows: list[Row]) -> int:
    """Return 1 if a service needs a person, 0 otherwise."""
    return int(any(row.state in NEEDS_A_PERSON for row in rows))


def write(rows: list[Row], as_json: bool) -> None:
    """Print the rows to the standard output."""
    if as_json:
        print(json.dumps({"services": [asdict(row) for row in rows]}, indent=2))
        return
    table = Table()
    for heading in ("service", "stack", "template", "state", "conflicts", "next step"):
        table.add_column(heading, overflow="fold")
    for row in rows:
        color = "red" if row.state in NEEDS_A_PERSON else "green"
        # Text, not markup: a folder or a message may hold brackets.
        cells = [row.service, row.stack, row.version]
        rest = ["\n".join(row.conflicts) or "–", row.next_step]
        table.add_row(*map(Text, cells), Text(row.state, style=color), *map(Text, rest))
    console = Console()
    if not console.is_terminal:
        # A log has no width to fit into.
        console.width = 200
    console.print(table)
