"""What the live tests share about one answer set: its shape, its settings, its logs."""

import itertools
import json
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from harness import Project, Service
from logs import check_log_line

ANSWERS = Path(__file__).parent / "answers"
STACKS = sorted(path.stem for path in ANSWERS.glob("*.yml"))
# A test that needs no other names the kind.
KINDS = {
    "default answers": ["defaults", "express"],
    "a domain of its own": ["domain", "express-domain"],
    "an updated service": ["domain", "express-updated"],
    "every queue": ["defaults", "domain", "express", "express-domain", "express-updated"],
}

_numbers = itertools.count(1)


def named(*kinds_or_sets: str) -> set[str]:
    """The answer sets of these kinds, or of these very names."""
    return {name for one in kinds_or_sets for name in KINDS.get(one, [one])}


@dataclass
class Stack:
    name: str
    project: Project
    shape: dict[str, Any]
    logs: Path
    secrets: set[str] = field(default_factory=set)
    _owner: dict[str, Any] = field(default_factory=dict)

    @property
    def prefix(self) -> str:
        return str(self.shape["prefix"])

    def seed(self, service: Service, role: str = "owner", **given: str) -> dict[str, Any]:
        """A user of an account of its own, unless `account` or `email` say otherwise."""
        number = next(_numbers)
        wanted = {
            "account": f"Account {number} of {self.name}",
            "email": f"user{number}@{self.name}.example.com",
            "password": f"correct-horse-{number}-battery",
        } | given
        seeded = service.seed(**wanted, role=role)
        self.secrets |= {seeded["sdkKey"], wanted["password"]}
        return seeded

    def owner(self, service: Service) -> dict[str, Any]:
        """The same one each time, for tests that leave nothing behind."""
        self._owner = self._owner or self.seed(service)
        return self._owner

    def check_logs(self, service: Service) -> None:
        """Stdout of every process holds log lines as the contract wants them, and no secret."""
        secrets = self.secrets | {service.settings["JWT_SECRET"]}
        for process in service.processes:
            for line in process.stdout.read_text(encoding="utf-8").splitlines():
                try:
                    check_log_line(json.loads(line), self.prefix)
                except (ValueError, AssertionError) as error:
                    raise AssertionError(f"{process.stdout}: {error}: {line!r}") from None
            for path in (process.stdout, process.stderr):
                written = path.read_text(encoding="utf-8")
                leaked = [secret for secret in secrets if secret in written]
                assert not leaked, f"{path} holds {leaked}"


def boot_settings(stack: Stack, upstream_port: int) -> dict[str, str]:
    """Short waits, so that what takes minutes in production takes a second here."""
    integrations = {}
    for slug in stack.shape["integrations"]:
        name = slug.replace("-", "_").upper()
        integrations[f"{name}_BASE_URL"] = f"http://127.0.0.1:{upstream_port}/upstream"
        integrations[f"{name}_API_KEY"] = f"key-of-{slug}-upstream"
    return {
        "JWT_ISSUER": "live-tests",
        "JWT_AUDIENCE": "live-tests-api",
        "LOG_LEVEL": "info",
        "TRUSTED_PROXY_HOPS": "1",
        "WEBHOOK_ALLOW_PRIVATE": "true",
        "QUEUE_MAX_ATTEMPTS": "3",
        "QUEUE_BACKOFF_MS": "200",
        "WEBHOOK_BACKOFF_MS": "200",
        "WEBHOOK_MAX_ATTEMPTS": "4",
        "WEBHOOK_TIMEOUT_MS": "1500",
        "HTTP_CLIENT_TIMEOUT_MS": "1500",
        "CIRCUIT_FAILURE_THRESHOLD": "5",
        "CIRCUIT_RESET_MS": "2000",
        "METRICS_TOKEN": "",
        "CORS_ORIGINS": "",
        **integrations,
    }


def upstream_url(stack: Stack, service: Service) -> str:
    """Where the tests play the first integration."""
    first = stack.shape["integrations"][0].replace("-", "_").upper()
    return service.settings[f"{first}_BASE_URL"]
