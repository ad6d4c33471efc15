"""What an account owns: a row of every kind that some operation of the document can name."""

import uuid
from dataclasses import dataclass, field
from typing import Any

from suite.checks import expect
from suite.openapi import Operation
from suite.places import CannotFill
from suite.users import User

ENDPOINTS = "/webhook-endpoints"
# For each attacker from within another account an idempotency key that is not theirs yet.
ROWS = 4


def base_of(operation: Operation) -> str:
    """The path of the collection that an operation's row is in."""
    return operation.url("{").split("/{")[0]


@dataclass
class Holdings:
    user: User
    mains: str
    endpoint_url: str
    ids: dict[str, str] = field(default_factory=dict)
    cursors: dict[str, str] = field(default_factory=dict)
    # By path: idempotency keys, and the bodies that they were sent with.
    repeatable: dict[str, list[tuple[str, dict[str, Any]]]] = field(default_factory=dict)
    secrets: set[str] = field(default_factory=set)

    @property
    def marks(self) -> set[str]:
        """What no answer to another tenant may hold."""
        seed = self.user.seed
        return {*self.ids.values(), *self.secrets, seed.account_id, seed.user_id}

    def body_for(self, operation: Operation) -> dict[str, Any]:
        """A body that the operation takes of this account, or nothing."""
        if operation.url() == ENDPOINTS and operation.has_body:
            types = [f"{one.entity}.created" for one in self.user.collections]
            return {"url": self.endpoint_url, "eventTypes": types}
        body: dict[str, Any] = self.user.body_for(operation).get("json", {})
        return body


def own_everything(user: User, mains: str, endpoint_url: str) -> Holdings:
    """Several rows of each kind, for lists to have cursors; endpoints first, so that events are."""
    held = Holdings(user, mains, endpoint_url, ids={f"/{mains}": user.seed.main_id})
    operations = user.api.limited()
    bases = {base_of(one) for one in operations if one.names_row}
    creating = {one.url(): one for one in operations if one.method == "POST" and one.url() in bases}
    for base in sorted(creating, key=lambda path: (path != ENDPOINTS, path)):
        for _ in range(ROWS):
            _create(held, creating[base])
    sync = next((one for one in operations if one.names_integration), None)
    if sync is not None:
        held.ids["/jobs"] = expect(user.post(sync.url(), json=held.body_for(sync)), 202)["jobId"]
    for row in user.rows("/webhook-deliveries"):
        held.ids["/webhook-deliveries"] = row["id"]
    if untaught := bases - set(held.ids):
        raise CannotFill(f"no way is known to own a row of {', '.join(sorted(untaught))}")
    for one in operations:
        if one.method == "GET" and not one.names_row:
            cursor = expect(user.get(one.url(), params={"limit": 1}), 200)["nextCursor"]
            if cursor is not None:
                held.cursors[one.url()] = cursor
    return held


def _create(held: Holdings, operation: Operation) -> None:
    key, body = f"held-{uuid.uuid4()}", held.body_for(operation)
    made = held.user.post(operation.url(), json=body, headers={"Idempotency-Key": key})
    row = expect(made, 201)["data"]
    held.ids[operation.url()] = row["id"]
    held.repeatable.setdefault(operation.url(), []).append((key, body))
    held.secrets |= {row[name] for name in ("key", "secret") if name in row}


def seen_by_owner(held: Holdings) -> dict[str, list[dict[str, Any]]]:
    """All that the account sees of itself, for a look before and after."""
    user = held.user
    lists = [one.url() for one in user.api.limited() if one.method == "GET" and "{" not in one.path]
    seen = {path: user.rows(path) for path in lists}
    seen["/jobs"] = [expect(user.get(f"/jobs/{held.ids['/jobs']}"), 200)["data"]]
    return seen
