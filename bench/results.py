"""bench/RESULTS.md: one section a bench, written by its own run and left alone by the others."""

import os
import platform
import re
import sys
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path

FILE = Path(__file__).with_name("RESULTS.md")
CORES = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count()


def publish(section: str, body: str, file: Path = FILE) -> None:
    """Replace what stands between the markers of a section; its heading is part of the body."""
    text = file.read_text(encoding="utf-8")
    begin, end = f"<!-- begin: {section} -->", f"<!-- end: {section} -->"
    between = re.compile(f"{re.escape(begin)}.*?{re.escape(end)}", re.DOTALL)
    if len(between.findall(text)) != 1:
        raise ValueError(f"{file.name} holds no single section {section}")
    written = f"{begin}\n{body.strip()}\n{end}"
    file.write_text(between.sub(lambda _: written, text), encoding="utf-8")


def circumstances(command: str, *distributions: str, **others: str) -> str:
    """The lines under a heading: the command, when and on what it ran, and with which versions."""
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30
    used = {"Python": platform.python_version()}
    used |= {name: version(name) for name in distributions} | others
    load = os.getloadavg()[0]
    return (
        f"`{command}` · {datetime.now(UTC):%Y-%m-%d %H:%M} UTC · {CORES} cores, {memory:.0f} GiB, "
        f"{platform.system()} {platform.machine()} · load average at the end {load:.1f}  \n"
        + " · ".join(f"{name} {number}" for name, number in used.items())
    )


def table(head: Sequence[str], rows: Iterable[Sequence[object]]) -> str:
    """A Markdown table: the first column is text, the others are numbers."""
    lines = [head, ["---", *["---:"] * (len(head) - 1)], *rows]
    return "\n".join("| " + " | ".join(map(str, line)) + " |" for line in lines)


def tell(text: str) -> None:
    """Say how far a bench has come: on stderr, so that stdout stays free for its result."""
    print(text, file=sys.stderr, flush=True)
