"""Waiting on conditions with deadlines, and doing things at the same moment."""

import threading
import time
from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

T = TypeVar("T")

SHORTEST_PAUSE = 0.03
LONGEST_PAUSE = 0.25


def wait_for(condition: Callable[[], T], what: str, within: float = 10.0) -> T:
    """The first truthy value of the condition; fails when there is none in time."""
    deadline = time.monotonic() + within
    pause = SHORTEST_PAUSE
    while True:
        value = condition()
        if value:
            return value
        if time.monotonic() > deadline:
            raise AssertionError(f"not within {within:g} s: {what} (last value: {value!r})")
        time.sleep(pause)
        # A long wait must not use up the limit of the caller that it asks as.
        pause = min(pause * 1.2, LONGEST_PAUSE)


def holds_for(condition: Callable[[], object], seconds: float, what: str) -> None:
    """Fails as soon as the condition stops holding before the time is over."""
    holds_until(condition, time.monotonic() + seconds, what)


def holds_until(condition: Callable[[], object], moment: float, what: str) -> None:
    """The same up to a moment of the monotonic clock."""
    while time.monotonic() < moment:
        assert condition(), f"did not hold: {what}"
        time.sleep(0.03)


def together(actions: Iterable[Callable[[], T]], threads: int = 32) -> list[T]:
    """Runs the actions on several threads that all start at the same moment."""
    waiting = list(actions)
    count = min(threads, len(waiting))
    start = threading.Barrier(count)

    def first(action: Callable[[], T]) -> T:
        start.wait(timeout=10)
        return action()

    with ThreadPoolExecutor(count) as pool:
        # The first `count` tasks occupy every thread, so the barrier opens for all of them at once.
        head = [pool.submit(first, action) for action in waiting[:count]]
        tail = [pool.submit(action) for action in waiting[count:]]
        return [task.result() for task in head + tail]
