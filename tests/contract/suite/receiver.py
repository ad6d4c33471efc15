"""The webhook receiver: one mailbox per registered endpoint."""

import json
import threading
import uuid
from collections.abc import Sequence
from typing import Any, Self

from suite.httpd import Answer, Call, ScriptedServer
from suite.waiting import wait_for


class Mailbox:
    """What arrived at one path, and what is answered: the last answer of the script stays."""

    def __init__(self, url: str, script: Sequence[Answer]) -> None:
        self.url = url
        self._script = list(script) or [Answer(204, b"")]
        self._calls: list[Call] = []
        self._lock = threading.Lock()

    def take(self, call: Call) -> Answer:
        with self._lock:
            self._calls.append(call)
            return self._script.pop(0) if len(self._script) > 1 else self._script[0]

    def answers(self, *script: Answer) -> None:
        with self._lock:
            self._script = list(script)

    @property
    def calls(self) -> list[Call]:
        with self._lock:
            return list(self._calls)

    @property
    def events(self) -> list[dict[str, Any]]:
        return [json.loads(call.body) for call in self.calls]

    def wait_for_calls(self, count: int, within: float = 15.0) -> list[Call]:
        wait_for(lambda: len(self.calls) >= count, f"{count} calls of {self.url}", within)
        return self.calls


class Receiver:
    def __init__(self) -> None:
        self._mailboxes: dict[str, Mailbox] = {}
        self._server = ScriptedServer(self._answer)

    def __enter__(self) -> Self:
        self._server.__enter__()
        return self

    def __exit__(self, *_: object) -> None:
        self._server.__exit__()

    def mailbox(self, *script: Answer) -> Mailbox:
        path = f"/hooks/{uuid.uuid4().hex}"
        mailbox = Mailbox(f"http://127.0.0.1:{self._server.port}{path}", script)
        self._mailboxes[path] = mailbox
        return mailbox

    def _answer(self, call: Call) -> Answer:
        mailbox = self._mailboxes.get(call.path)
        return mailbox.take(call) if mailbox else Answer(404)
