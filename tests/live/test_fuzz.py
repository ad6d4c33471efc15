"""Section 2 for requests that nobody thought of: no 500, and nothing that is not documented."""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from types import MappingProxyType

import pytest

from harness import Service, tally
from harness.console import say, step
from harness.service import Api
from harness.waiting import free_port
from suite.users import User
from tests.fuzz import openapi_run

from .people import log_in
from .stack import Stack, boot_settings

# So many that no limit hides what would be answered without one.
NO_LIMITS = {
    "RATE_LIMIT_PUBLIC_PER_MINUTE": "1000000",
    "RATE_LIMIT_AUTHENTICATED_PER_MINUTE": "1000000",
    "RATE_LIMIT_LOGIN_PER_MINUTE": "1000000",
}
# So few that a short run meets the end of each.
LIMITS = {
    "RATE_LIMIT_PUBLIC_PER_MINUTE": "30",
    "RATE_LIMIT_AUTHENTICATED_PER_MINUTE": "30",
    "RATE_LIMIT_LOGIN_PER_MINUTE": "2",
}
# Nobody listens there; what counts is the registration.
HOOK = "http://127.0.0.1:9/hook"


@dataclass(frozen=True)
class Target:
    stack: Stack
    service: Service
    api: Api
    owner: User
    stranger: User

    def schemathesis(
        self,
        name: str,
        *options: str,
        api: Api | None = None,
        settings: str = "",
        headers: Mapping[str, str] = MappingProxyType({}),
    ) -> openapi_run.Told:
        with step(f"schemathesis, {name}"):
            told = openapi_run.run(
                name,
                (api or self.api).base_url,
                self.stack.prefix,
                self.service.logs,
                *options,
                settings=settings,
                headers={"X-Forwarded-For": self.owner.service.addresses.new(), **headers},
            )
        say(f"    {told.cases} requests to {len(told.operations)} operations: {told.answered}")
        tally.count("fuzz", cases=told.cases, operations=len(told.operations), failures=0)
        self.is_well()
        return told

    def logged_in(self) -> str:
        """Settings: the owner acts, and the stranger must not see what comes of it."""
        seeds = {"owner": self.owner.seed, "stranger": self.stranger.seed}
        return openapi_run.users(
            self.service.logs / "users.json", f"{self.stack.prefix}/auth/token", seeds
        ) + openapi_run.known(self.known(), share=0.7)

    def known(self) -> dict[str, list[str]]:
        seed = self.owner.seed
        known = {
            "header.X-Account-Id": [seed.account_id],
            "body.mainEntityId": [seed.main_id],
            "body.url": [HOOK],
            "body.email": [seed.email],
            "body.password": [seed.password],
        }
        for collection in self.owner.collections:
            for name, row_id in self.owner.sampler(collection).references().items():
                known[f"body.{name}"] = [row_id]
        return known

    def is_well(self) -> None:
        """Whatever was sent: it still answers, and nothing of it failed inside."""
        assert self.api.status("/health/ready") == 200
        for line in self.api.stdout.read_text(encoding="utf-8").splitlines():
            assert json.loads(line)["level"] != "error", line


@pytest.fixture(scope="module")
def target(stack: Stack, urls: dict[str, str]) -> Iterator[Target]:
    settings = boot_settings(stack, free_port()) | NO_LIMITS
    service = Service(stack.project, stack.logs / "fuzz", urls, settings)
    try:
        seeds = [stack.seed(service) for _ in range(2)]
        api = service.start_api()
        owner, stranger = (log_in(stack, api, seed) for seed in seeds)
        yield Target(stack, service, api, owner.prepared(), stranger)
        assert service.stop()["api"] == 0
    finally:
        service.kill()
    stack.check_logs(service)


def test_an_owner_meets_nothing_that_is_not_documented(target: Target) -> None:
    told = target.schemathesis("owner", settings=target.logged_in())
    assert set(told.operations) == {
        operation.name for operation in target.owner.api.operations()
    }, "an operation was not called"
    for status in ("200", "201", "202", "204", "400", "401", "403", "404", "405", "415"):
        assert told.answered.get(status), f"nothing was answered {status}: {told.answered}"


def test_an_sdk_key_meets_nothing_that_is_not_documented(target: Target) -> None:
    api = target.owner.api
    creates = [
        f"--include-operation-id={operation.spec['operationId']}"
        for operation in api.operations()
        if "apiKey" in [api.scheme(name)["type"] for name in api.secured(operation)]
    ]
    told = target.schemathesis(
        "sdk-key",
        *creates,
        "--phases=coverage,fuzzing",
        # Or else it makes up bearer tokens besides.
        "--generation-with-security-parameters=false",
        settings=openapi_run.known(target.known(), share=0.7),
        headers={"X-API-Key": target.owner.seed.sdk_key},
    )
    assert len(told.operations) == len(target.owner.collections)
    assert told.answered.get("201"), told.answered


def test_a_caller_without_credentials_is_told_401(target: Target) -> None:
    told = target.schemathesis("nobody", "--phases=coverage")
    assert told.answered.get("401"), told.answered
    assert not told.answered.get("201"), told.answered


def test_a_refusal_over_the_limit_is_documented_like_all_else(target: Target) -> None:
    limited = target.service.start_api("limited", **LIMITS)
    some = [
        f"--include-path={target.stack.prefix}{url}"
        for url in ("/auth/token", target.owner.collections[0].url)
    ]
    for name, headers in (("limited-owner", target.owner.headers), ("limited-nobody", {})):
        told = target.schemathesis(
            name,
            *some,
            "--phases=coverage",
            # Expects a 401 where the contract's answer is 429.
            "--exclude-checks=ignored_auth",
            api=limited,
            headers=headers,
        )
        assert told.answered.get("429"), told.answered
    limited.stop(within=30)
