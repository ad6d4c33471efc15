"""What a queue brings along that is on neither of the databases; most bring nothing."""

from importlib import import_module
from importlib.util import find_spec
from pathlib import Path
from types import ModuleType

from .server import Server

NAME = "queue"


def _own() -> list[ModuleType]:
    name = f"{__package__}.queue_server"
    return [import_module(name)] if find_spec(name) else []


def servers(data: Path, logs: Path) -> list[Server]:
    return [own.server(data / NAME, logs / f"{NAME}.log") for own in _own()]


def programs(data: Path) -> list[Path]:
    """The programs of the servers, whose folders are there from now on."""
    for _ in _own():
        (data / NAME).mkdir(mode=0o700, exist_ok=True)
    return [own.PROGRAM for own in _own()]


def environment(ports: dict[str, int]) -> dict[str, str]:
    return {
        name: value
        for own in _own()
        for name, value in (own.urls(ports[own.LABEL]) | own.SETTINGS).items()
    }


def in_compose() -> tuple[dict[str, str], dict[str, str]]:
    """URLs with the service behind each, and settings that are the same everywhere."""
    urls: dict[str, str] = {}
    settings: dict[str, str] = {}
    for own in _own():
        urls |= own.URLS
        settings |= own.SETTINGS
    return urls, settings
