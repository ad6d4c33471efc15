"""`make rules`: prints the ten rules as a table and ends with 1 when one of them is broken."""

import argparse
import asyncio
import os
import subprocess
import sys
from collections.abc import Awaitable, Callable, Iterable
from concurrent.futures import ProcessPoolExecutor
from functools import partial
from pathlib import Path
from typing import Final

from scripts.services import ServicesError, throwaway

from . import (
    failures,
    imports,
    indexes,
    inputs,
    limits,
    monitoring,
    n_plus_one,
    secret_scan,
    table,
    tables,
    tested,
    world,
)
from .log import captured
from .project import ROOT
from .verdict import Verdict
from .world import World

TITLES: Final = {
    "R1": "N+1 queries",
    "R2": "a missing index",
    "R3": "an unnecessary table",
    "R4": "unvalidated input",
    "R5": "a missing rate limit",
    "R6": "long work in a request",
    "R7": "an unhandled failure",
    "R8": "a secret in the code",
    "R9": "what nobody monitors",
    "R10": "what nobody tests",
}
LIVE: Final[dict[str, Callable[[World], Awaitable[Verdict]]]] = {
    "R1": n_plus_one.check,
    "R2": indexes.check,
    "R3": tables.check,
    "R4": inputs.check,
    "R5": limits.check,
    "R7": failures.check,
    "R9": monitoring.check,
}


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m scripts.rules", description=__doc__)
    parser.add_argument("rules", nargs="*", metavar="RULE", help="R1 to R10 (default: all)")
    parser.add_argument(
        "--coverage", type=Path, help="what a run of the tests has just measured, for R10"
    )
    options = parser.parse_args()
    unknown = set(options.rules) - set(TITLES)
    if unknown:
        parser.error(f"there is no rule {', '.join(sorted(unknown))}")
    chosen = [rule for rule in TITLES if rule in options.rules or not options.rules]
    try:
        # A process, not a thread: two threads that parse at a time break each other's syntax trees
        # in CPython 3.11.
        with ProcessPoolExecutor(1) as beside:
            still = beside.submit(_still, chosen, options.coverage)
            live = asyncio.run(_live(chosen)) if LIVE.keys() & set(chosen) else {}
            found = live | still.result()
    except ServicesError as error:
        sys.exit(f"rules: {error}")
    verdicts = {rule: found[rule] for rule in chosen}
    print(table.rendered(TITLES, verdicts))
    broken = [rule for rule, verdict in verdicts.items() if verdict.failures]
    if broken:
        sys.exit(f"rules: broken: {', '.join(broken)}")


def _still(chosen: Iterable[str], coverage: Path | None) -> dict[str, Verdict]:
    checks: dict[str, Callable[[], Verdict]] = {
        "R6": imports.check,
        "R8": secret_scan.check,
        "R10": partial(tested.check, coverage),
    }
    return {rule: check() for rule, check in checks.items() if rule in chosen}


async def _live(chosen: Iterable[str]) -> dict[str, Verdict]:
    found = {}
    with throwaway() as urls, captured() as log:
        # SDKs look up by themselves what is no setting of the service.
        os.environ.update(urls)
        _migrate(urls)
        async with world.created(urls, log) as shared:
            for rule, check in LIVE.items():
                if rule in chosen:
                    print(f"rules: {rule}", file=sys.stderr, flush=True)
                    found[rule] = await check(shared)
    return found


def _migrate(urls: dict[str, str]) -> None:
    command = [sys.executable, "-m", "alembic", "upgrade", "head"]
    done = subprocess.run(
        command, cwd=ROOT, env={**os.environ, **urls}, stdout=sys.stderr, check=False
    )
    if done.returncode != 0:
        raise ServicesError("the migrations fail (above): `make migrate` has to work first")


if __name__ == "__main__":
    main()
