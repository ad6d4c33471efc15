"""R3: every table has a reason to exist."""

from collections.abc import Iterator

from .project import TABLES, TABLES_FILE
from .verdict import Verdict, count, verdict
from .world import World

# Alembic's own record of what has been applied.
BOOKKEEPING = {"alembic_version"}


async def check(world: World) -> Verdict:
    present = set(world.catalogue.tables) - BOOKKEEPING
    return verdict(
        f"{count(len(present), 'table')} of the live catalogue",
        f"{count(len(TABLES), 'reason')} in {TABLES_FILE}",
        _undeclared(present),
    )


def _undeclared(present: set[str]) -> Iterator[str]:
    for table in sorted(present - set(TABLES)):
        yield (
            f"{table}: exists in the database but is not in TABLES of {TABLES_FILE}: say in one"
            " line why it cannot be columns of another table, or drop it"
        )
    for table in sorted(set(TABLES) - present):
        yield (
            f"{table}: is in TABLES of {TABLES_FILE} but not in the database: write its migration,"
            " or remove the line"
        )
    for table, reason in TABLES.items():
        if len(reason.strip()) < len("The why.") or "\n" in reason:
            yield f"{table}: its reason in {TABLES_FILE} is no reason: write one line"
