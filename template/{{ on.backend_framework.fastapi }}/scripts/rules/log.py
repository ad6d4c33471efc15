"""Keeps what the application logs: its standard output goes to a file while the rules run."""

import json
import os
import sys
import tempfile
from collections import defaultdict
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Any

STDOUT = 1

Line = dict[str, Any]


class Log:
    def __init__(self, file: IO[str]) -> None:
        self._file = file
        self._lines: dict[str, list[Line]] = defaultdict(list)

    def of_request(self, request_id: str) -> list[Line]:
        sys.stdout.flush()
        for text in self._file:
            try:
                line = json.loads(text)
                self._lines[line["requestId"]].append(line)
            except (ValueError, TypeError, KeyError):
                continue
        return self._lines[request_id]


@contextmanager
def captured() -> Iterator[Log]:
    """At the level of the file descriptor: however the service logs, its lines are found."""
    sys.stdout.flush()
    terminal = os.dup(STDOUT)
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "log"
        with path.open("ab") as writer, path.open(encoding="utf-8", errors="replace") as reader:
            os.dup2(writer.fileno(), STDOUT)
            try:
                yield Log(reader)
            finally:
                sys.stdout.flush()
                os.dup2(terminal, STDOUT)
                os.close(terminal)
