"""The processes of a generated service, on real servers."""

import json
import secrets
import shlex
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import httpx2

from .processes import Process
from .project import Project, environment
from .waiting import free_port

# Far over what is promised: these only end a wait that would never end.
START_SECONDS = 60.0
STOP_SECONDS = 60.0


def start_services(project: Project) -> dict[str, str]:
    """`make services`, read as a shell would: what it exports."""
    exports = [shlex.split(line) for line in project.make("services").splitlines()]
    return dict(words[1].split("=", 1) for words in exports if words[:1] == ["export"])


class Api(Process):
    base_url: str
    settings: dict[str, str]

    def status(self, path: str, timeout: float = 10) -> int | None:
        try:
            return httpx2.get(
                f"{self.base_url}{path}", timeout=timeout, trust_env=False
            ).status_code
        except httpx2.TransportError:
            return None


class Worker(Process):
    metrics_url: str

    def answers(self) -> bool:
        try:
            return httpx2.get(self.metrics_url, timeout=5, trust_env=False).status_code == 200
        except httpx2.TransportError:
            return False


class Service:
    """API and worker processes of one project that share a database, a Redis and settings."""

    def __init__(
        self, project: Project, logs: Path, urls: Mapping[str, str], settings: Mapping[str, str]
    ) -> None:
        self.project = project
        self.logs = logs
        logs.mkdir(parents=True, exist_ok=True)
        self.settings = {
            "JWT_SECRET": secrets.token_hex(32),
            "WORKER_METRICS_PORT": str(free_port()),
            **urls,
            **settings,
        }
        self.processes: list[Process] = []

    def migrate(self) -> None:
        self.project.make("migrate", self.settings)

    def seed(
        self, *, account: str, email: str, password: str, role: str = "owner"
    ) -> dict[str, Any]:
        """What `make seed` prints, and what it was asked with."""
        wanted = {
            "SEED_ACCOUNT": account,
            "SEED_EMAIL": email,
            "SEED_PASSWORD": password,
            "SEED_ROLE": role,
        }
        output = self.project.make("seed", self.settings | wanted, quiet=True)
        seeded: dict[str, Any] = json.loads(output.splitlines()[-1])
        return seeded | {"email": email, "password": password, "role": role}

    def launch_api(self, name: str = "api", **overrides: str) -> Api:
        """`make run`, without waiting for anything."""
        settings = self.settings | {"PORT": str(free_port())} | overrides
        api = Api(name, ["make", "run"], cwd=self._root, env=environment(settings), logs=self.logs)
        api.settings = settings
        api.base_url = f"http://127.0.0.1:{settings['PORT']}"
        self.processes.append(api)
        return api

    def start_api(self, name: str = "api", **overrides: str) -> Api:
        api = self.launch_api(name, **overrides)
        api.wait_for(
            lambda: api.status("/health/ready") == 200, "/health/ready is 200", START_SECONDS
        )
        return api

    def launch_worker(self, name: str = "worker", **overrides: str) -> Worker:
        """`make worker`, without waiting for anything."""
        settings = self.settings | overrides
        worker = Worker(
            name, ["make", "worker"], cwd=self._root, env=environment(settings), logs=self.logs
        )
        worker.metrics_url = f"http://127.0.0.1:{settings['WORKER_METRICS_PORT']}/metrics"
        self.processes.append(worker)
        return worker

    def start_worker(self, name: str = "worker", **overrides: str) -> Worker:
        worker = self.launch_worker(name, **overrides)
        worker.wait_for(worker.answers, "the worker's metrics answer", START_SECONDS)
        return worker

    def stop(self) -> dict[str, int]:
        """SIGTERM to all that still run; how each ended."""
        running = [process for process in self.processes if process.exit_code is None]
        for process in running:
            process.terminate()
        try:
            return {process.name: process.wait(STOP_SECONDS) for process in running}
        finally:
            self.kill()

    def kill(self) -> None:
        for process in self.processes:
            process.kill()

    @property
    def _root(self) -> Path:
        return self.project.folder
