"""Registered webhook endpoints of a test, deleted at its end."""

from dataclasses import dataclass
from typing import Any

from suite.checks import expect
from suite.httpd import Answer
from suite.receiver import Mailbox, Receiver
from suite.tenants import Collection
from suite.users import User
from suite.waiting import wait_for

KINDS = ("created", "updated", "deleted")


def types_of(collection: Collection, *kinds: str) -> list[str]:
    return [f"{collection.entity}.{kind}" for kind in kinds or KINDS]


@dataclass
class Endpoint:
    user: User
    mailbox: Mailbox
    row: dict[str, Any]

    @property
    def id(self) -> str:
        return str(self.row["id"])

    @property
    def secret(self) -> str:
        return str(self.row["secret"])

    def deliveries(self, **query: str) -> list[dict[str, Any]]:
        rows = self.user.rows("/webhook-deliveries", **query)
        return [row for row in rows if row["endpointId"] == self.id]

    def delivery(self, status: str, within: float = 20) -> dict[str, Any]:
        """The endpoint's only delivery, once it has this status."""

        def reached() -> dict[str, Any] | None:
            (row,) = self.deliveries()
            return row if row["status"] == status else None

        return wait_for(reached, f"a {status} delivery", within) or {}

    def redeliver(self, delivery: dict[str, Any]) -> None:
        expect(self.user.post(f"/webhook-deliveries/{delivery['id']}/redeliver"), 202)

    def now(self) -> dict[str, Any]:
        return next(row for row in self.user.rows("/webhook-endpoints") if row["id"] == self.id)


class Registry:
    """Makes endpoints for a test."""

    def __init__(self, receiver: Receiver) -> None:
        self._receiver = receiver
        self._made: list[Endpoint] = []

    def register(self, user: User, types: list[str], *script: Answer, url: str = "") -> Endpoint:
        mailbox = self._receiver.mailbox(*script)
        body = {"url": url or mailbox.url, "eventTypes": types}
        row = expect(user.post("/webhook-endpoints", json=body), 201)["data"]
        endpoint = Endpoint(user, mailbox, row)
        self._made.append(endpoint)
        return endpoint

    def clear(self) -> None:
        for endpoint in self._made:
            status = endpoint.user.delete(f"/webhook-endpoints/{endpoint.id}").status_code
            assert status in (204, 404), status
