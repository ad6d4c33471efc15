"""Two accounts that own a row of every kind, at a service in which nothing moves by itself."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from harness import Service
from harness.service import Api
from suite.checks import expect
from suite.crossing import Attacker
from suite.holdings import Holdings, own_everything
from suite.users import User

from .database import ask
from .people import log_in
from .stack import Stack, boot_settings

# So many calls would meet any limit.
UNLIMITED = {
    "RATE_LIMIT_PUBLIC_PER_MINUTE": "1000000",
    "RATE_LIMIT_AUTHENTICATED_PER_MINUTE": "1000000",
    "RATE_LIMIT_LOGIN_PER_MINUTE": "1000000",
}
NOWHERE = "http://127.0.0.1:9/"


@dataclass
class Tenancy:
    stack: Stack
    urls: dict[str, str]
    service: Service
    api: Api
    theirs: Holdings
    mine: Holdings

    @property
    def app_url(self) -> str:
        return self.urls["DATABASE_URL"]

    @property
    def owner_url(self) -> str:
        return self.urls["MIGRATION_DATABASE_URL"]

    def member(self, of: Holdings, **given: str) -> User:
        account = of.user.seed.account_name
        return self.enter(self.stack.seed(self.service, "member", account=account, **given))

    def enter(self, seed: dict[str, Any]) -> User:
        return log_in(self.stack, self.api, seed)

    def attackers(self) -> list[Attacker]:
        """Whoever might try: from within another account, or from within none."""
        both = self.stack.seed(self.service, account=self.theirs.user.seed.account_name)
        known = {"email": both["email"], "password": both["password"]}
        in_mine = self.member(self.mine, **known).with_headers(
            X_Account_Id=self.mine.user.seed.account_id
        )
        removed, gone = self.member(self.theirs), self.member(self.theirs)
        users = (removed.seed.user_id, gone.seed.user_id)
        ask(self.owner_url, f"DELETE FROM accounts_memberships WHERE member_id IN {users}")
        ask(self.owner_url, f"DELETE FROM users WHERE id = '{gone.seed.user_id}'")
        owner, at = self.theirs.user, self.mine.user.service
        key = expect(owner.post("/sdk-keys", json={"name": "revoked"}), 201)["data"]
        expect(owner.delete(f"/sdk-keys/{key['id']}"), 204)
        return [
            Attacker("owner of another account", self.mine.user, owner=True),
            Attacker("member of another account", self.member(self.mine)),
            Attacker("member of both, in the other", in_mine, of_both=True),
            Attacker("SDK key of another account", at.sdk(self.mine.user.seed.sdk_key)),
            Attacker("removed member", removed, inside=False),
            Attacker("user that is gone", gone, inside=False),
            Attacker("revoked SDK key", at.sdk(key["key"]), inside=False),
            Attacker("nobody", at.anonymous(), inside=False),
        ]


@contextmanager
def two_accounts(stack: Stack, urls: dict[str, str]) -> Iterator[Tenancy]:
    """Without a worker: the job stays queued and the deliveries pending."""
    settings = boot_settings(stack, 9) | UNLIMITED
    service = Service(stack.project, stack.logs / "tenancy", urls, settings)
    try:
        api = service.start_api()
        held = [
            own_everything(
                log_in(stack, api, stack.seed(service)), str(stack.shape["mains"]), NOWHERE
            )
            for _ in range(2)
        ]
        yield Tenancy(stack, urls, service, api, *held)
    finally:
        service.kill()
    stack.check_logs(service)
