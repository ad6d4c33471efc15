"""The command line: `python -m fleet apply` and `python -m fleet status`."""

import fcntl
import json
import os
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor, as_completed
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Annotated, NoReturn

import typer
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

from fleet.answers import status as status_of
from fleet.apply import Application, sweep
from fleet.config import BadFleet, Fleet, Service, load
from fleet.report import Row, State, exit_code, write
from fleet.repository import release
from fleet.schema import schema as fleet_schema

BAD_FLEET, INTERRUPTED = 2, 130
errors = Console(stderr=True, highlight=False, markup=False)
app = typer.Typer(
    help="Start the services of an organisation, and keep them up to date.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)

File = Annotated[Path, typer.Option("--file", envvar="FLEET", help="The fleet.yml.")]
AsJson = Annotated[bool, typer.Option("--json", help="Print JSON instead of a table.")]
Shard = Annotated[str, typer.Option(help="Take every n-th service from the i-th on: i/n.")]
DEFAULT = Path("fleet.yml")


def _refuse(problem: str) -> NoReturn:
    errors.print(problem, soft_wrap=True)
    raise typer.Exit(BAD_FLEET)


def _load(file: Path, shard: str) -> Fleet:
    number, _, of = shard.partition("/")
    if not (number.isdecimal() and of.isdecimal() and 1 <= int(number) <= int(of)):
        _refuse(f"--shard {shard}: say it as 1/4, 2/4, 3/4 or 4/4")
    try:
        return load(file).shard(int(number), int(of))
    except BadFleet as error:
        _refuse(str(error))


@contextmanager
def _alone(file: Path) -> Iterator[None]:
    """Keep a second run out, which would take this one's half-made work for a dead one's."""
    with ExitStack() as held:
        if not _taken(held.enter_context(file.open(encoding="utf-8")).fileno()):
            errors.print(f"{file}: another run is under way", soft_wrap=True)
            raise typer.Exit(1)
        # The steps of a run hold the folder as well: they go on for a while when it is killed.
        root = file.resolve().parent
        folder = os.open(root, os.O_RDONLY)
        held.callback(os.close, folder)
        if not _taken(folder):
            errors.print(f"{root}: waiting for what another run has begun there", soft_wrap=True)
            fcntl.flock(folder, fcntl.LOCK_EX)
        held.callback(fcntl.flock, folder, fcntl.LOCK_UN)
        os.set_inheritable(folder, True)
        yield


def _taken(descriptor: int) -> bool:
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


def _run(
    application: Application, services: tuple[Service, ...], jobs: int
) -> tuple[list[Row], bool]:
    """Return a row for each service, and whether somebody has interrupted the run."""
    interrupted = False
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn())
    with (
        Progress(*columns, TimeElapsedColumn(), console=errors) as progress,
        ThreadPoolExecutor(jobs) as pool,
    ):
        task = progress.add_task("services", total=len(services))
        running = [pool.submit(application.to, service) for service in services]
        try:
            for future in as_completed(running):
                row = future.result()
                progress.advance(task)
                progress.console.print(f"{row.service}: {row.state}")
        except KeyboardInterrupt:
            interrupted = True
            errors.print("Interrupted: what is under way comes to its end; run it again to go on.")
            pool.shutdown(wait=True, cancel_futures=True)
    rows = [
        Row(service.name, State.UNREACHED, next_step="run it again")
        if future.cancelled()
        else future.result()
        for service, future in zip(services, running, strict=True)
    ]
    return rows, interrupted


@app.command()
def apply(
    file: File = DEFAULT,
    check: Annotated[
        bool, typer.Option("--check", help="Check what is made: make setup, make check.")
    ] = False,
    jobs: Annotated[int, typer.Option(min=1, help="Services at a time.")] = os.cpu_count() or 1,
    shard: Shard = "1/1",
    as_json: AsJson = False,
) -> None:
    """Generate what is missing; update what is behind, on a branch of its own."""
    fleet = _load(file, shard)
    with _alone(file):
        try:
            wanted = release(fleet.template, fleet.version)
        except BadFleet as error:
            _refuse(f"{file}: {error}")
        sweep(fleet.services)
        application = Application(fleet.template, wanted, check)
        rows, interrupted = _run(application, fleet.services, jobs)
    write(rows, as_json)
    raise typer.Exit(INTERRUPTED if interrupted else exit_code(rows))


@app.command()
def status(file: File = DEFAULT, shard: Shard = "1/1", as_json: AsJson = False) -> None:
    """Tell how the services stand, by their answers files alone."""
    fleet = _load(file, shard)
    rows = [status_of(fleet, service) for service in fleet.services]
    write(rows, as_json)
    raise typer.Exit(exit_code(rows))


@app.command()
def schema() -> None:
    """Print the JSON schema of fleet.yml."""
    print(json.dumps(fleet_schema(), indent=2, ensure_ascii=False))


if __name__ == "__main__":
    app(prog_name="fleet")
