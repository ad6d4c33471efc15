"""Users of a booted service: the contract suite's callers, so every answer is held against it."""

from typing import Any

from harness.service import Api
from suite.caller import Addresses
from suite.caller import Service as Endpoint
from suite.checks import expect
from suite.openapi import OpenApi
from suite.tenants import Collection, Seed, Settings
from suite.users import User
from suite.waiting import wait_for

from .stack import Stack

ADDRESSES = Addresses()
ENDED = ("completed", "failed")


def collections(stack: Stack) -> list[Collection]:
    return [
        Collection(one["path"], one["entity"], tuple(one.get("unique", ())))
        for one in stack.shape["entities"]
    ]


def log_in(stack: Stack, api: Api, seed: dict[str, Any]) -> User:
    """The seed's user at this process, from an address of their own."""
    endpoint = Endpoint(api.base_url, stack.prefix, Settings(api.settings), ADDRESSES)
    caller = endpoint.user(Seed.parse(seed))
    stack.secrets.add(endpoint.token(Seed.parse(seed)))
    return _user(stack, caller.service, seed)


def at(stack: Stack, user: User, api: Api) -> User:
    """The same user, with the same token, at another process."""
    endpoint = Endpoint(
        api.base_url,
        stack.prefix,
        Settings(api.settings),
        ADDRESSES,
        tokens=user.service.tokens,
    )
    return User(**(vars(user) | {"service": endpoint}))


def _user(stack: Stack, endpoint: Endpoint, seed: dict[str, Any]) -> User:
    document = expect(endpoint.anonymous().root.get("/openapi.json"), 200)
    return User(
        **vars(endpoint.user(Seed.parse(seed))),
        seed=Seed.parse(seed),
        api=OpenApi(document, stack.prefix, stack.shape["integrations"][0]),
        collections=collections(stack),
    )


def sync_url(stack: Stack) -> str:
    return f"/integrations/{stack.shape['integrations'][0]}/sync"


def start_job(stack: Stack, user: User) -> str:
    body = {"mainEntityId": user.seed.main_id}
    return str(expect(user.post(sync_url(stack), json=body), 202)["jobId"])


def job(user: User, job_id: str) -> dict[str, Any]:
    data: dict[str, Any] = expect(user.get(f"/jobs/{job_id}"), 200)["data"]
    return data


def job_end(user: User, job_id: str, within: float) -> dict[str, Any]:
    def ended() -> dict[str, Any] | None:
        now = job(user, job_id)
        return now if now["status"] in ENDED else None

    return wait_for(ended, f"the end of job {job_id}", within) or {}
