"""This template, taken as the others are: its project, one process of its API, one insert."""

import secrets
import shutil
import sys
from pathlib import Path
from urllib.parse import SplitResult, urlsplit

import httpx2

from bench.generation import templates
from bench.measure import run
from harness.project import Project
from harness.service import Service, start_services

from . import tools
from .contestant import PROJECT, Command, Contestant
from .load import Request
from .servers import Servers

# The limiter counts as ever; its end is out of reach.
LIMITS = {"RATE_LIMIT_AUTHENTICATED_PER_MINUTE": "1000000000"}


def generate(folder: Path, logs: Path) -> tuple[Project, Servers]:
    """Our project comes first: its services are those that all of them share."""
    project = Project.generate(folder / PROJECT, logs, {})
    project.commit()
    (project.folder / ".python-version").write_text(f"{tools.python()}\n", encoding="utf-8")
    project.make("setup")
    return project, Servers(start_services(project))


def erase(project: Project) -> None:
    """End the services, and leave nothing of their data."""
    stop = [".venv/bin/python", "-m", "scripts.services", "stop", "--erase"]
    run(stop, project.folder)


class Ours(Contestant):
    title = "this template"
    table = "feedback"
    options = "FastAPI, PostgreSQL, SQLAlchemy, Alembic, Redis, Celery, JWT, limits, webhooks, CI …"
    route = "`POST /api/v1/feedback`: inserts feedback of the caller's account, answers the row"

    def __init__(self, project: Project, logs: Path, servers: Servers) -> None:
        """Take the project whose services are used."""
        super().__init__(project.folder.parent, logs, servers)
        settings = {**LIMITS, "JWT_SECRET": secrets.token_hex(32)}
        self.service = Service(project, logs, servers.urls, settings)

    @staticmethod
    def generation() -> Command:
        template = tools.FOLDER / "template"
        shutil.rmtree(template, ignore_errors=True)
        templates.ours(template)
        copy = [sys.executable, "-m", "copier", "copy", "--trust", "--defaults"]
        return Command([*copy, template, PROJECT], {})

    @property
    def database(self) -> SplitResult:
        return urlsplit(self.servers.urls["MIGRATION_DATABASE_URL"])

    def prepare(self) -> None:
        self.service.migrate()
        self.person = {"email": "person@example.com", "password": "correct horse battery"}
        self.service.seed(account="Bench", **self.person)

    def start(self) -> str:
        self.process = api = self.service.start_api()
        return api.base_url

    def request(self, url: str) -> Request:
        answer = httpx2.post(f"{url}/api/v1/auth/token", json=self.person, trust_env=False)
        headers = {"Authorization": f"Bearer {answer.json()['data']['accessToken']}"}
        feedback = {"content": "a sample text", "sentiment": "positive"}
        return Request("POST", f"{url}/api/v1/feedback", feedback, headers)
