"""Reads tenants.json: what the service was booted with and who was seeded (format: README.md)."""

import json
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

DEFAULTS = {
    "RATE_LIMIT_PUBLIC_PER_MINUTE": "100",
    "RATE_LIMIT_AUTHENTICATED_PER_MINUTE": "1000",
    "RATE_LIMIT_LOGIN_PER_MINUTE": "5",
    "TRUSTED_PROXY_HOPS": "0",
    "MAX_PAYLOAD_BYTES": "1048576",
    "QUEUE_MAX_ATTEMPTS": "3",
    "QUEUE_BACKOFF_MS": "60000",
    "WEBHOOK_MAX_ATTEMPTS": "8",
    "WEBHOOK_BACKOFF_MS": "5000",
    "WEBHOOK_TIMEOUT_MS": "10000",
    "WEBHOOK_ALLOW_PRIVATE": "false",
    "HTTP_CLIENT_TIMEOUT_MS": "10000",
    "CIRCUIT_FAILURE_THRESHOLD": "5",
    "CIRCUIT_RESET_MS": "30000",
    "METRICS_TOKEN": "",
    "CORS_ORIGINS": "",
}
ROLES = ("a_owner", "a_member", "b_owner", "both_a", "both_b")


class Settings:
    """The environment that the service was booted with, over the contract's defaults."""

    def __init__(self, given: dict[str, Any]) -> None:
        self._values = {**DEFAULTS, **{name: str(value) for name, value in given.items()}}

    def text(self, name: str) -> str:
        return self._values.get(name, "")

    def number(self, name: str) -> int:
        return int(self._values[name])

    def seconds(self, name: str) -> float:
        return self.number(name) / 1000


@dataclass(frozen=True)
class Collection:
    """One of the key entities: its URL segment and its singular in event types."""

    path: str
    entity: str
    unique: tuple[str, ...] = ()
    references: dict[str, str] = field(default_factory=dict)

    @property
    def url(self) -> str:
        return f"/{self.path}"

    @property
    def reference(self) -> str:
        """What a field that refers to a row of this collection is usually called."""
        head, *rest = self.entity.split("_")
        return head + "".join(part.capitalize() for part in rest) + "Id"

    def holds(self, url: str) -> bool:
        return url == self.url or url.startswith(f"{self.url}/")


@dataclass(frozen=True)
class Seed:
    """One line of `make seed`, with the credentials that it was run with."""

    email: str
    password: str
    role: str
    account_id: str
    account_name: str
    user_id: str
    user_email: str
    sdk_key: str
    main_id: str
    main_name: str
    token: str = ""

    @classmethod
    def parse(cls, raw: dict[str, Any]) -> "Seed":
        return cls(
            email=raw["email"],
            password=raw["password"],
            role=raw["role"],
            account_id=raw["account"]["id"],
            account_name=raw["account"]["name"],
            user_id=raw["user"]["id"],
            user_email=raw["user"]["email"],
            sdk_key=raw["sdkKey"],
            main_id=raw["mainEntity"]["id"],
            main_name=raw["mainEntity"]["name"],
            token=raw.get("token", ""),
        )


@dataclass(frozen=True)
class Strict:
    base_url: str
    settings: Settings


@dataclass(frozen=True)
class Tenants:
    prefix: str
    collections: list[Collection]
    mains: str
    integrations: list[str]
    auth: str
    settings: Settings
    worker_metrics_url: str
    api_logs: list[Path]
    worker_logs: list[Path]
    strict: Strict | None
    seeds: dict[str, Seed]
    spares: list[Seed] = field(default_factory=list)

    @property
    def integration(self) -> str:
        return self.integrations[0]

    def integration_setting(self, suffix: str) -> str:
        name = self.integration.replace("-", "_").upper()
        return self.settings.text(f"{name}_{suffix}")


def load(path: Path) -> Tenants:
    raw = json.loads(path.read_text(encoding="utf-8"))
    if raw.get("version") != 1:
        raise ValueError(f"{path}: version must be 1")
    missing = [role for role in ROLES if role not in raw["seeds"]]
    if missing:
        raise ValueError(f"{path}: seeds lacks {', '.join(missing)}")
    logs = raw.get("log_files", {})
    strict = raw.get("strict")
    return Tenants(
        prefix=raw["prefix"].rstrip("/"),
        collections=[
            Collection(
                one["path"],
                one["entity"],
                tuple(one.get("unique", ())),
                one.get("references", {}),
            )
            for one in raw["entities"]
        ],
        mains=raw["mains"],
        integrations=raw["integrations"],
        auth=raw["auth"],
        settings=Settings(raw["settings"]),
        worker_metrics_url=raw["worker_metrics_url"],
        api_logs=[Path(name) for name in logs.get("api", [])],
        worker_logs=[Path(name) for name in logs.get("worker", [])],
        strict=Strict(strict["base_url"], Settings(strict["settings"])) if strict else None,
        seeds={role: Seed.parse(raw["seeds"][role]) for role in ROLES},
        spares=[Seed.parse(one) for one in raw["spares"]],
    )
