"""A service that is fuzzed: who calls it, and whether it stays well."""

import json
from collections.abc import Mapping
from types import MappingProxyType

from harness import Service, tally
from harness.console import say, step
from harness.service import Api
from tests.fuzz import openapi_run
from tests.fuzz.probe import HOOK, Probe, stock

from .people import log_in
from .stack import Stack

# So many that no limit hides what would be answered without one.
NO_LIMITS = {
    "RATE_LIMIT_PUBLIC_PER_MINUTE": "1000000",
    "RATE_LIMIT_AUTHENTICATED_PER_MINUTE": "1000000",
    "RATE_LIMIT_LOGIN_PER_MINUTE": "1000000",
}


class Target:
    """No dataclass, whose fields a failure would show: tokens, and nothing of the case."""

    def __init__(self, stack: Stack, service: Service) -> None:
        seeds = [stack.seed(service) for _ in range(2)]
        self.stack = stack
        self.service = service
        self.api = service.start_api()
        self.owner, self.stranger = (log_in(stack, self.api, seed).prepared() for seed in seeds)
        self.probe = Probe(self.owner)
        self._seen = 0
        for user in (self.owner, self.stranger):
            stock(user)

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
        lines = self.api.stdout.read_text(encoding="utf-8").splitlines()
        new, self._seen = lines[self._seen :], len(lines)
        for line in new:
            assert json.loads(line)["level"] != "error", line
