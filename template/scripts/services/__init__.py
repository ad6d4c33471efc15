"""PostgreSQL and Valkey for this checkout, by Docker Compose where Docker runs, or from wheels."""

import contextlib
import fcntl
import os
from collections.abc import Iterator
from pathlib import Path

import psutil

from . import compose
from .errors import ServicesError
from .instance import DURABLE, Instance

__all__ = ["DURABLE", "ServicesError", "running", "start", "stop", "throwaway"]

ROOT = Path(__file__).resolve().parents[2]
STATE = ROOT / ".services"
THROWAWAY = "run-"


def start(name: str = DURABLE, engine: str = "auto") -> dict[str, str]:
    """Start what does not run yet; the answer is the environment that leads to it."""
    with _locked():
        _erase_abandoned()
        instance = Instance(STATE, name)
        if engine == "auto":
            by_docker = name == DURABLE and not instance.running() and compose.answers(ROOT)
            engine = "docker" if by_docker else "embedded"
        return compose.up(ROOT) if engine == "docker" else instance.start()


def stop(name: str = DURABLE, *, erase: bool = False) -> None:
    with _locked():
        Instance(STATE, name).stop(erase=erase or name != DURABLE)
        if name == DURABLE and compose.answers(ROOT):
            compose.down(ROOT, erase=erase)


def running(name: str = DURABLE) -> bool:
    return Instance(STATE, name).running() or (name == DURABLE and compose.running(ROOT))


@contextlib.contextmanager
def throwaway() -> Iterator[dict[str, str]]:
    """Empty servers of the calling process; should it be killed, a later start erases them."""
    name = f"{THROWAWAY}{os.getpid()}"
    try:
        yield start(name)
    finally:
        stop(name)


@contextlib.contextmanager
def _locked() -> Iterator[None]:
    STATE.mkdir(exist_ok=True)
    with (STATE / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def _erase_abandoned() -> None:
    for folder in STATE.glob(f"{THROWAWAY}*"):
        if not psutil.pid_exists(int(folder.name.removeprefix(THROWAWAY))):
            Instance(STATE, folder.name).stop(erase=True)
