"""The upstream of an integration, played on the port that the service was booted with."""

import json
import threading
from collections.abc import Sequence
from typing import Any, Self
from urllib.parse import urlsplit

from suite.httpd import Answer, Call, ScriptedServer


def found(**fields: Any) -> Answer:
    body = json.dumps(fields).encode()
    return Answer(200, body, {"Content-Type": "application/json"})


class Upstream:
    """Answers by the last segment of the path, the row's id; the script's last answer stays."""

    def __init__(self, base_url: str) -> None:
        url = urlsplit(base_url)
        assert url.hostname in ("127.0.0.1", "localhost"), f"not on loopback: {base_url!r}"
        self.base_path = url.path.rstrip("/")
        self._scripts: dict[str, list[Answer]] = {}
        self._calls: list[Call] = []
        self._lock = threading.Lock()
        self._server = ScriptedServer(self._answer, url.port or 80)

    def __enter__(self) -> Self:
        self._server.__enter__()
        return self

    def __exit__(self, *_: object) -> None:
        self._server.__exit__()

    def script(self, row_id: str, script: Sequence[Answer]) -> None:
        """What is answered from now on."""
        with self._lock:
            self._scripts[row_id] = list(script)

    def answers(self, row_id: str, script: Sequence[Answer]) -> None:
        """… forgetting the calls so far."""
        self.script(row_id, script)
        with self._lock:
            self._calls = [call for call in self._calls if not call.path.endswith(row_id)]

    def calls(self, *row_ids: str) -> list[Call]:
        with self._lock:
            return [call for call in self._calls if call.path.endswith(row_ids)]

    def _answer(self, call: Call) -> Answer:
        row_id = urlsplit(call.path).path.rsplit("/", 1)[-1]
        with self._lock:
            self._calls.append(call)
            script = self._scripts.get(row_id)
            if not script:
                return Answer(404)
            return script.pop(0) if len(script) > 1 else script[0]
