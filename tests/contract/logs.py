"""What a log line must be (section 8). Used by the suite, and by a harness that reads stdout."""

import re
from datetime import datetime
from typing import Any

REQUEST_KEYS = ("method", "route", "status", "durationMs", "userId", "accountId")
LEVELS = {"trace", "debug", "info", "warn", "warning", "error", "fatal", "critical"}
ID = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}", re.IGNORECASE)
SECRET = re.compile(
    r"sk_[A-Za-z0-9]{8,}_?[A-Za-z0-9_-]{12,}|whsec_[A-Za-z0-9+/]{20,}|eyJ[\w-]{8,}\.eyJ|\$argon2"
)


def is_request_line(line: dict[str, Any]) -> bool:
    return "method" in line and "route" in line


def check_log_line(line: dict[str, Any], prefix: str = "/api/v1") -> None:
    """Raises AssertionError with the reason when the line is not as the contract wants it."""
    for name in ("timestamp", "level", "message"):
        _filled(line, name)
    stamp = datetime.fromisoformat(line["timestamp"])
    assert stamp.tzinfo is not None, f"timestamp without a zone in {line}"
    assert line["level"].lower() in LEVELS, f"level of {line}"
    assert not SECRET.search(str(line)), f"a secret in {line}"
    if not is_request_line(line):
        return
    _filled(line, "requestId")
    for name in REQUEST_KEYS:
        assert name in line, f"no {name} in {line}"
    assert line["status"] in range(100, 600), f"status of {line}"
    assert isinstance(line["durationMs"], int | float), f"durationMs of {line}"
    assert line["durationMs"] >= 0, f"durationMs of {line}"
    assert not ID.search(line["route"]), f"an id in the route of {line}"
    assert line["route"] == "unmatched" or line["route"].startswith("/"), f"route of {line}"
    for name in ("userId", "accountId"):
        assert line[name] is None or ID.fullmatch(line[name]), f"{name} of {line}"
    if (
        line["status"] == 200
        and line["route"].startswith(f"{prefix}/")
        and "/auth/" not in line["route"]
    ):
        assert line["accountId"], f"no accountId of a request that was let in: {line}"


def _filled(line: dict[str, Any], name: str) -> None:
    value = line.get(name)
    assert isinstance(value, str), f"no {name} in {line}"
    assert value, f"an empty {name} in {line}"
