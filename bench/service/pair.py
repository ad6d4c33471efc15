"""The generated service and its bare pair, side by side on the same database."""

import secrets
from dataclasses import dataclass
from pathlib import Path

import httpx2
import psutil

from bench.peers.load import Request
from bench.peers.servers import psql
from harness.processes import Process
from harness.project import Project, environment
from harness.service import Service, start_services
from harness.waiting import free_port

from .frameworks import Framework

# The limiter counts as ever; its end is out of reach.
OUT_OF_REACH = "1000000000"
LIMITS = {
    "RATE_LIMIT_PUBLIC_PER_MINUTE": OUT_OF_REACH,
    "RATE_LIMIT_AUTHENTICATED_PER_MINUTE": OUT_OF_REACH,
}
PERSON = {"email": "person@example.com", "password": "correct horse battery"}
ROW = {"content": "a sample text", "sentiment": "positive"}
START_SECONDS = 60
JWT = "service, access token"
SDK = "service, SDK key"
# Same columns, indexes and references; no row-level security.
BARE_TABLE = (
    "CREATE TABLE bare_feedback (LIKE feedback INCLUDING ALL)",
    (
        "ALTER TABLE bare_feedback"
        " ADD FOREIGN KEY (account_id) REFERENCES accounts ON DELETE CASCADE,"
        " ADD FOREIGN KEY (user_id) REFERENCES users ON DELETE SET NULL"
    ),
)


@dataclass
class Side:
    """A process, and the insert that it is asked for."""

    process: psutil.Process
    request: Request

    def processor(self) -> float:
        """Seconds of processor so far, of all threads."""
        return float(sum(self.process.cpu_times()[:2]))


class Pair:
    """A project with its servers, its API, its worker and the bare pair."""

    def __init__(self, folder: Path, logs: Path, framework: Framework) -> None:
        """Generate and install; nothing is started but the servers."""
        self.logs = logs
        self.framework = framework
        self.project = Project.generate(folder, logs, {"backend_framework": framework.name})
        self.project.commit()
        self.project.make("setup")
        self.urls = start_services(self.project)
        settings = {**LIMITS, "JWT_SECRET": secrets.token_hex(32)}
        self.service = Service(self.project, logs, self.urls, settings)
        self._bare: Process | None = None

    def prepare(self) -> None:
        """Make the tables and the one who calls."""
        self.service.migrate()
        self.service.seed(account="Bench", **PERSON)

    def owner(self, *statements: str) -> str:
        """Run statements as the owner of the tables."""
        return psql(self.urls["MIGRATION_DATABASE_URL"], *statements)

    def start(self) -> dict[str, Side]:
        """Start both; the insert of each."""
        self.api = self.service.start_api()
        token = self._post("auth/token", PERSON, {})["accessToken"]
        self.token = {"Authorization": f"Bearer {token}"}
        key = self._post("sdk-keys", {"name": "bench"}, self.token)["key"]
        self.key = {"X-Api-Key": key}
        bare, url = self._start_bare()
        inner = self.api.inner()
        return {
            JWT: Side(inner, self.request("POST", "feedback", self.token)),
            SDK: Side(inner, self.request("POST", "feedback", self.key)),
            self.framework.bare: Side(bare.inner(), Request("POST", f"{url}/feedback", ROW)),
        }

    def request(self, method: str, path: str, headers: dict[str, str]) -> Request:
        """One request of the service's API."""
        url = f"{self.api.base_url}/api/v1/{path}"
        return Request(method, url, ROW if method == "POST" else {}, headers)

    def rows(self, number: int) -> list[str]:
        """The ids of some rows that are there."""
        return [self._post("feedback", ROW, self.token)["id"] for _ in range(number)]

    def metrics(self) -> str:
        """What the API exposes."""
        return httpx2.get(f"{self.api.base_url}/metrics", trust_env=False).text

    def stop(self) -> None:
        """Stop everything that was started."""
        try:
            self.service.stop()
            if self._bare is not None:
                self._bare.kill()
        finally:
            self.project.make("services-stop", quiet=True)

    def _post(self, path: str, body: dict[str, str], headers: dict[str, str]) -> dict[str, str]:
        answer = httpx2.post(
            f"{self.api.base_url}/api/v1/{path}", json=body, headers=headers, trust_env=False
        )
        data: dict[str, str] = answer.raise_for_status().json()["data"]
        return data

    def _start_bare(self) -> tuple[Process, str]:
        role = self.urls["DATABASE_URL"].split("//")[1].split(":")[0]
        self.owner(*BARE_TABLE, f"GRANT INSERT, SELECT ON bare_feedback TO {role}")
        port = str(free_port())
        _, _, address = self.urls["DATABASE_URL"].partition("://")
        settings = {
            "BARE_DATABASE_URL": f"{self.framework.scheme}://{address}",
            "BARE_ACCOUNT_ID": self.owner("SELECT id FROM accounts"),
            "BARE_USER_ID": self.owner("SELECT id FROM users"),
            "BARE_PORT": port,
        }
        self._bare = bare = Process(
            "bare",
            self.framework.command(self.project.folder),
            cwd=self.project.folder,
            env=environment(settings),
            logs=self.logs,
        )
        url = f"http://127.0.0.1:{port}"
        bare.wait_for(lambda: _answers(url), "the bare pair answers", START_SECONDS)
        return bare, url


def _answers(url: str) -> bool:
    try:
        return httpx2.get(f"{url}/ready", trust_env=False).status_code == 200
    except httpx2.TransportError:
        return False
