"""Callers: who speaks to which service, from which address."""

import random
import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from httpx2 import Client, Limits, Response

from suite.checks import every_response
from suite.tenants import Seed, Settings

Observer = Callable[[Response], None]


class Addresses:
    """Made-up client addresses (198.18.0.0/15 is set aside for tests), each given once."""

    def __init__(self) -> None:
        self._given: set[str] = set()
        self._random = random.SystemRandom()

    def new(self) -> str:
        while True:
            low, high = self._random.randrange(2**8), self._random.randrange(2**8)
            address = f"198.{self._random.choice((18, 19))}.{high}.{low}"
            if address not in self._given:
                self._given.add(address)
                return address


@dataclass
class Service:
    """One base URL. Remembers access tokens, so that a user logs in once."""

    base_url: str
    prefix: str
    settings: Settings
    addresses: Addresses
    observers: list[Observer] = field(default_factory=list)
    tokens: dict[str, str] = field(default_factory=dict)
    referred: dict[tuple[str, str], str] = field(default_factory=dict)
    places_left: dict[str, tuple[int, int]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.http = Client(
            base_url=self.base_url,
            timeout=30,
            trust_env=False,
            limits=Limits(max_connections=200, max_keepalive_connections=100),
        )
        self._login = threading.Lock()

    def anonymous(self, ip: str | None = None) -> "Caller":
        return Caller(self, ip or self.addresses.new())

    def user(self, seed: Seed, ip: str | None = None, account: str | None = None) -> "Caller":
        headers = {"Authorization": f"Bearer {self.token(seed)}"}
        if account is not None:
            headers["X-Account-Id"] = account
        return Caller(self, ip or self.addresses.new(), headers, who=seed.email)

    def sdk(self, key: str, ip: str | None = None) -> "Caller":
        return Caller(self, ip or self.addresses.new(), {"X-API-Key": key})

    def token(self, seed: Seed) -> str:
        with self._login:
            if seed.email not in self.tokens:
                self.tokens[seed.email] = seed.token or self.log_in(seed)["accessToken"]
            return self.tokens[seed.email]

    def log_in(self, seed: Seed, ip: str | None = None) -> dict[str, Any]:
        response = self.anonymous(ip).post(
            "/auth/token", json={"email": seed.email, "password": seed.password}
        )
        assert response.status_code == 200, f"log-in of {seed.email}: {response.text}"
        data: dict[str, Any] = response.json()["data"]
        return data


@dataclass(frozen=True)
class Caller:
    """Sends requests under the prefix; `root` sends them outside of it."""

    service: Service
    ip: str
    headers: dict[str, str] = field(default_factory=dict)
    who: str = ""
    outside: bool = False

    @property
    def root(self) -> "Caller":
        return Caller(self.service, self.ip, self.headers, self.who, outside=True)

    def with_headers(self, **headers: str) -> "Caller":
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        return Caller(self.service, self.ip, {**self.headers, **named}, self.who, self.outside)

    def get(self, path: str, **more: Any) -> Response:
        return self.request("GET", path, **more)

    def post(self, path: str, **more: Any) -> Response:
        return self.request("POST", path, **more)

    def patch(self, path: str, **more: Any) -> Response:
        return self.request("PATCH", path, **more)

    def put(self, path: str, **more: Any) -> Response:
        return self.request("PUT", path, **more)

    def delete(self, path: str, **more: Any) -> Response:
        return self.request("DELETE", path, **more)

    def send(self, method: str, path: str, body: bytes | str, **headers: str) -> Response:
        """A body as it stands, declared as JSON unless the headers say otherwise."""
        content = body.encode() if isinstance(body, str) else body
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        return self.request(
            method, path, content=content, headers={"Content-Type": "application/json", **named}
        )

    def request(
        self, method: str, path: str, headers: dict[str, Any] | None = None, **more: Any
    ) -> Response:
        sent = {"X-Forwarded-For": self.ip, **self.headers, **(headers or {})}
        url = path if self.outside else f"{self.service.prefix}{path}"
        response = self.service.http.request(method, url, headers=sent, **more)
        every_response(response, self.service.prefix, sent.get("X-Request-Id"))
        for observe in self.service.observers:
            observe(response)
        if self.who and "x-ratelimit-remaining" in response.headers:
            self.service.places_left[self.who] = (
                int(response.headers["x-ratelimit-remaining"]),
                int(response.headers["x-ratelimit-reset"]),
            )
        return response
