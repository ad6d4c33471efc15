"""A generator and the service that it writes, whichever tools it is made of."""

from abc import ABC, abstractmethod
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import ClassVar
from urllib.parse import SplitResult, urlsplit

import httpx2

from bench.measure import run
from harness.processes import Process
from harness.project import environment

from .load import Request
from .servers import Servers

START_SECONDS = 60.0
PROJECT = "shop"


@dataclass(frozen=True)
class Command:
    """How a generator is started, in the folder that shall hold the project."""

    words: list[str | Path]
    variables: Mapping[str, str]


class Contestant(ABC):
    """One side of the comparison."""

    # Name and version, as the results show them.
    title: ClassVar[str]
    # Where its route's rows land.
    table: ClassVar[str]
    # What is compared: the options of the project, and what the route does.
    options: ClassVar[str]
    route: ClassVar[str]

    def __init__(self, folder: Path, logs: Path, servers: Servers) -> None:
        """Remember the folder that the project is generated into."""
        self.folder = folder / PROJECT
        self.logs = logs
        self.servers = servers
        self.process: Process | None = None

    @staticmethod
    @abstractmethod
    def generation() -> Command:
        """The command that generates the project."""

    @property
    def database(self) -> SplitResult:
        """The URL of its database, as the owner of its tables."""
        return urlsplit(self.servers.database(self.title.split()[0]))

    @abstractmethod
    def prepare(self) -> None:
        """Install what the generated project needs, and migrate."""

    @abstractmethod
    def start(self) -> str:
        """Start one process of the API; its URL."""

    @abstractmethod
    def request(self, url: str) -> Request:
        """An insert that is accepted, with what a caller has to have for it."""

    def install(self, *arguments: str | Path, cwd: Path | None = None) -> None:
        """Run a command of the project's own set-up."""
        run(list(arguments), cwd or self.folder, **self.variables())

    def variables(self) -> dict[str, str]:
        """The settings of the service."""
        return {}

    def launch(self, *words: str | Path, port: int, cwd: Path | None = None) -> str:
        """Start the service and wait until it answers anything at all."""
        url = f"http://127.0.0.1:{port}"
        self.process = Process(
            self.title.split()[0],
            list(map(str, words)),
            cwd=cwd or self.folder,
            env=environment(self.variables()),
            logs=self.logs,
        )
        self.process.wait_for(lambda: _answers(url), f"{url} answers", START_SECONDS)
        return url

    def stop(self) -> None:
        """End the service."""
        if self.process:
            self.process.kill()


def _answers(url: str) -> bool:
    try:
        httpx2.get(url, timeout=5, trust_env=False)
    except httpx2.TransportError:
        return False
    return True
