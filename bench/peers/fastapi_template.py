"""fastapi_template: a generator on Cookiecutter, by many used for its choice of databases."""

import os
from pathlib import Path

from harness.waiting import free_port

from . import tools
from .contestant import PROJECT, Command, Contestant
from .load import Request

VERSION = "6.1.2"
OPTIONS = (
    "--quiet --force --api-type rest --db postgresql --orm sqlalchemy --migrations --dummy "
    "--routers --redis --gunicorn --ci github"
)


class FastapiTemplate(Contestant):
    title = f"fastapi_template {VERSION}"
    table = "dummy_model"
    options = "FastAPI, PostgreSQL, SQLAlchemy, Alembic, Redis, gunicorn, CI"
    route = "`PUT /api/dummy/`: inserts a name, answers null"

    @staticmethod
    def generation() -> Command:
        commands = tools.wheel("fastapi_template", VERSION)
        # It ends with the installation of the project, which no other one does: not measured.
        nothing = tools.FOLDER / "nothing"
        nothing.mkdir(parents=True, exist_ok=True)
        stub = nothing / "uv"
        stub.write_text("#!/bin/sh\n")
        stub.chmod(0o755)
        words: list[str | Path] = [
            commands / "fastapi_template",
            "--name",
            PROJECT,
            *OPTIONS.split(),
        ]
        return Command(words, {"PATH": f"{nothing}{os.pathsep}{os.environ['PATH']}"})

    def variables(self) -> dict[str, str]:
        settings = {
            "RELOAD": "False",
            "PORT": str(self.port),
            "DB_HOST": str(self.database.hostname),
            "DB_PORT": str(self.database.port),
            "DB_USER": str(self.database.username),
            "DB_PASS": str(self.database.password),
            "DB_BASE": self.database.path[1:],
            "REDIS_HOST": str(self.servers.redis.hostname),
            "REDIS_PORT": str(self.servers.redis.port),
        }
        return {f"{PROJECT.upper()}_{name}": value for name, value in settings.items()}

    def prepare(self) -> None:
        self.port = free_port()
        self.install(tools.UV, "venv", "--quiet", "--python", tools.python())
        self.install(*tools.PIP, ".venv", "--requirement", "pyproject.toml")
        self.install(".venv/bin/python", "-m", "alembic", "upgrade", "head")

    def start(self) -> str:
        return self.launch(".venv/bin/python", "-m", PROJECT, port=self.port)

    def request(self, url: str) -> Request:
        return Request("PUT", f"{url}/api/dummy/", {"name": "a sample text"})
