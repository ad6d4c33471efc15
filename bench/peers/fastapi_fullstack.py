"""fastapi-fullstack: a generator on Cookiecutter for products with a FastAPI backend."""

import secrets

import httpx2

from harness.waiting import free_port

from . import tools
from .contestant import PROJECT, Command, Contestant
from .load import Request

VERSION = "0.2.21"
OPTIONS = (
    "--database postgresql --orm sqlalchemy --ai-framework none --frontend none --redis "
    "--rate-limiting --task-queue celery --prometheus --webhooks --example-resource --no-logfire "
    "--ci github"
)
SERVE = "from cli.commands import main; main()"


class FastapiFullstack(Contestant):
    title = f"fastapi-fullstack {VERSION}"
    table = "items"
    options = "FastAPI, PostgreSQL, SQLAlchemy, Redis, Celery, JWT, limits, webhooks, metrics, CI"
    route = "`POST /api/v1/items`: inserts an item of the caller's, answers the row"

    @staticmethod
    def generation() -> Command:
        commands = tools.wheel("fastapi-fullstack", VERSION)
        return Command([commands / "fastapi-fullstack", "create", PROJECT, *OPTIONS.split()], {})

    def variables(self) -> dict[str, str]:
        redis = self.servers.redis
        queue = f"redis://{redis.netloc}/1"
        return {
            "ENVIRONMENT": "production",
            "POSTGRES_HOST": str(self.database.hostname),
            "POSTGRES_PORT": str(self.database.port),
            "POSTGRES_USER": str(self.database.username),
            "POSTGRES_PASSWORD": str(self.database.password),
            "POSTGRES_DB": self.database.path[1:],
            "REDIS_HOST": str(redis.hostname),
            "REDIS_PORT": str(redis.port),
            "CELERY_BROKER_URL": queue,
            "CELERY_RESULT_BACKEND": queue,
            "SECRET_KEY": self.secret,
            "API_KEY": self.secret,
        }

    def prepare(self) -> None:
        self.folder /= "backend"
        self.secret = secrets.token_hex(32)
        self.install(tools.UV, "venv", "--quiet", "--python", tools.python())
        # Its webhooks import what only its development group brings.
        every = ("--requirement", "pyproject.toml", "--group", "dev")
        self.install(*tools.PIP, ".venv", *every)
        self.install(".venv/bin/python", "-m", "alembic", "upgrade", "head")

    def start(self) -> str:
        port = free_port()
        serve = ("server", "run", "--host", "127.0.0.1", "--port", str(port))
        return self.launch(".venv/bin/python", "-c", SERVE, *serve, port=port)

    def request(self, url: str) -> Request:
        api = f"{url}/api/v1"
        person = {"email": "person@example.com", "password": "Correct-horse-1"}
        with httpx2.Client(trust_env=False) as client:
            client.post(f"{api}/auth/register", json=person)
            form = {"username": person["email"], "password": person["password"]}
            token = client.post(f"{api}/auth/login", data=form).json()["access_token"]
        headers = {"Authorization": f"Bearer {token}"}
        return Request("POST", f"{api}/items", {"name": "a sample text"}, headers)
