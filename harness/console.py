"""Progress, told as it goes."""

import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager


def say(message: str) -> None:
    print(message, flush=True)


@contextmanager
def step(what: str) -> Iterator[None]:
    """One line a step: on a terminal it is there while the step runs, elsewhere when it is over."""
    live = sys.stdout.isatty()
    began = time.monotonic()
    if live:
        print(f"  … {what}", end="", flush=True)
    mark = "✗"
    try:
        yield
        mark = "✓"
    finally:
        back = "\r\033[K" if live else ""
        print(f"{back}  {mark} {what}  ({time.monotonic() - began:.1f} s)", flush=True)


def tail(text: str, lines: int = 60) -> str:
    return "\n".join(text.splitlines()[-lines:])
