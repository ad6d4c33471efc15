"""Progress, told as it goes."""

import os
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager

# Under xdist stdout is the line to the controller; several processes tell their story side by side.
_PROCESS = os.environ.get("PYTEST_XDIST_WORKER")


def say(message: str) -> None:
    if _PROCESS:
        lines = message.strip("\n").splitlines()
        print("\n".join(f"{_PROCESS} {line}" for line in lines), file=sys.stderr, flush=True)
    else:
        print(message, flush=True)


@contextmanager
def step(what: str) -> Iterator[None]:
    """One line a step: on a terminal it is there while the step runs, elsewhere when it is over."""
    live = sys.stdout.isatty() and not _PROCESS
    began = time.monotonic()
    if live:
        print(f"  … {what}", end="", flush=True)
    mark = "✗"
    try:
        yield
        mark = "✓"
    finally:
        back = "\r\033[K" if live else ""
        say(f"{back}  {mark} {what}  ({time.monotonic() - began:.1f} s)")


def tail(text: str, lines: int = 60) -> str:
    return "\n".join(text.splitlines()[-lines:])
