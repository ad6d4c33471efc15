"""Section 7: a name that means something else when it is sent to than when it was registered."""

import json
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest

from harness import Service, tally
from suite.checks import expect, expect_invalid
from suite.endpoints import types_of
from suite.receiver import Receiver
from suite.users import User
from suite.waiting import wait_for

from .people import log_in
from .stack import Stack

# The same code in every answer set.
pytestmark = pytest.mark.stacks("default answers")

RESOLVER = Path(__file__).parent / "resolver"
# Never connected to: only asked whether it may be.
PUBLIC = "93.184.215.14"
INSIDE = ["127.0.0.1", "::1", "::ffff:127.0.0.1", "2130706433", "0x7f.1", "0.0.0.0", "localhost"]
NOT_PUBLIC = "The host resolves to an address that is not public"


class Names:
    def __init__(self, file: Path) -> None:
        # Each runtime takes its own, and none minds the other's.
        self.environment = {
            "PYTHONPATH": str(RESOLVER),
            "NODE_OPTIONS": f"--require={RESOLVER / 'preload.cjs'}",
            "NAMES": str(file),
        }
        self._file = file

    def mean(self, addresses: dict[str, str]) -> None:
        # In one step, as a process may be reading it.
        new = self._file.with_suffix(".new")
        new.write_text(json.dumps(addresses), encoding="utf-8")
        new.rename(self._file)


def test_a_name_is_judged_anew_at_each_sending(
    service: Service, stack: Stack, tmp_path: Path
) -> None:
    names = Names(tmp_path / "names.json")
    hosts = {f"rebinding-{number}.test": address for number, address in enumerate(INSIDE)}
    names.mean(dict.fromkeys(hosts, PUBLIC))
    strict = {"WEBHOOK_ALLOW_PRIVATE": "false", "WEBHOOK_MAX_ATTEMPTS": "2", **names.environment}
    api = service.start_api(**strict)
    user = log_in(stack, api, stack.seed(service))
    types = types_of(user.collections[0], "created")
    with Receiver() as receiver:
        mailbox = receiver.mailbox()
        hook = urlsplit(mailbox.url)
        urls = [f"http://{host}:{hook.port}{hook.path}" for host in hosts]
        for url in urls:
            body = {"url": url, "eventTypes": types}
            expect(user.post("/webhook-endpoints", json=body), 201)
        names.mean(hosts)
        for url in urls:
            body = {"url": url, "eventTypes": types}
            expect_invalid(user.post("/webhook-endpoints", json=body), "url")
        user.create(user.collections[0])
        worker = service.start_worker(**strict)
        failed = wait_for(lambda: _all_of(user, len(urls), "failed"), "all have failed", within=60)
        assert {row["lastError"] for row in failed} == {NOT_PUBLIC}
        assert mailbox.calls == []
        assert worker.stop(30) == 0
        # Or else this would prove nothing: where it may, a worker does reach the receiver so.
        service.start_worker("worker-that-may", **(strict | {"WEBHOOK_ALLOW_PRIVATE": "true"}))
        reached = next(iter(hosts))
        (row,) = [one for one in failed if one["endpointId"] == _endpoint_of(user, reached)]
        expect(user.post(f"/webhook-deliveries/{row['id']}/redeliver"), 202)
        (call,) = mailbox.wait_for_calls(1)
        assert call.headers["host"] == f"{reached}:{hook.port}"
    tally.count("security", cases=2 * len(urls))


def _all_of(user: User, count: int, status: str) -> list[dict[str, Any]]:
    rows = user.rows("/webhook-deliveries", status=status)
    return rows if len(rows) == count else []


def _endpoint_of(user: User, host: str) -> str:
    rows = user.rows("/webhook-endpoints")
    return str(next(row["id"] for row in rows if f"//{host}:" in row["url"]))
