"""create-better-fullstack: a generator of many languages; here its FastAPI project."""

import secrets

import httpx2

from harness.waiting import free_port

from . import tools
from .contestant import PROJECT, Command, Contestant
from .load import Request

VERSION = "2.6.7"
OPTIONS = (
    "--ecosystem python --python-web-framework fastapi --database postgres "
    "--python-orm sqlalchemy --python-validation pydantic --python-auth jwt "
    "--python-task-queue celery --python-caching redis "
    "--python-observability prometheus-client --python-testing pytest --python-quality ruff "
    "--python-package-manager uv --frontend none --no-git --no-install --no-render-title "
    "--disable-analytics"
)


class BetterFullstack(Contestant):
    title = f"create-better-fullstack {VERSION}"
    table = "posts"
    options = "FastAPI, PostgreSQL, SQLAlchemy, Redis, Celery, JWT, metrics"
    route = "`POST /posts`: looks its author up, inserts a post, answers the row"

    @staticmethod
    def generation() -> Command:
        script = tools.package("create-better-fullstack", VERSION)
        return Command([tools.node(), script, "create", PROJECT, *OPTIONS.split()], {})

    def variables(self) -> dict[str, str]:
        redis = f"redis://{self.servers.redis.netloc}/2"
        return {
            "PYTHONPATH": "src",
            "DATABASE_URL": self.database.geturl(),
            "REDIS_URL": redis,
            "CELERY_BROKER_URL": redis,
            "CELERY_RESULT_BACKEND": redis,
            "SECRET_KEY": self.secret,
        }

    def prepare(self) -> None:
        self.secret = secrets.token_hex(32)
        self.install(tools.UV, "venv", "--quiet", "--python", tools.python())
        self.install(*tools.PIP, ".venv", "--requirement", "pyproject.toml")

    def start(self) -> str:
        port = free_port()
        serve = ("-m", "uvicorn", "app.main:app", "--port", str(port))
        return self.launch(".venv/bin/python", *serve, port=port)

    def request(self, url: str) -> Request:
        person = {"email": "person@example.com", "name": "Person"}
        author = httpx2.post(f"{url}/users", json=person, trust_env=False).json()["id"]
        post = {"title": "a sample text", "content": "a sample text", "author_id": author}
        return Request("POST", f"{url}/posts", post)
