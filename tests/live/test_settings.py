"""Section 1: a wrong or missing setting ends the process with one clear line that names it."""

import json
import re
from collections.abc import Callable

import pytest

from harness import Process, Service

from .stack import Stack

pytestmark = pytest.mark.stacks("default answers")

Launch = Callable[..., Process]

MISSING = ["DATABASE_URL", "REDIS_URL", "JWT_SECRET"]
WRONG = {
    "DATABASE_URL": "mysql://app:hunter2-hunter2@127.0.0.1/app",
    "REDIS_URL": "localhost",
    "JWT_SECRET": "too-short-a-secret",
    "LOG_LEVEL": "shout",
    "SHUTDOWN_GRACE_MS": "soon",
    "DB_TIMEOUT_MS": "-1",
    "RATE_LIMIT_PUBLIC_PER_MINUTE": "0",
    "RATE_LIMIT_LOGIN_PER_MINUTE": "five",
    "TRUSTED_PROXY_HOPS": "-1",
    "MAX_PAYLOAD_BYTES": "1MB",
    "QUEUE_MAX_ATTEMPTS": "0",
    "WEBHOOK_ALLOW_PRIVATE": "perhaps",
    "WORKER_METRICS_PORT": "70000",
}
END_SECONDS = 30
MAKES_OWN = re.compile(r"make(\[\d+\])?: \*\*\*")


def _ends_naming(process: Process, setting: str, value: str) -> None:
    assert process.wait(END_SECONDS) != 0, f"started with {setting}={value!r}"
    errors = process.stderr.read_text(encoding="utf-8").splitlines()
    told = [line for line in errors if line.strip() and not MAKES_OWN.match(line)]
    written = process.stdout.read_text(encoding="utf-8").splitlines()
    told += [json.loads(line)["message"] for line in written]
    assert len(told) == 1, f"{setting}={value!r} is told of in {len(told)} lines: {told}"
    assert setting in told[0], f"{setting}={value!r} is not named: {told[0]!r}"
    assert "hunter2" not in told[0]
    assert "too-short" not in told[0]


@pytest.mark.parametrize("process", ["api", "worker"])
def test_a_missing_setting_is_named(service: Service, process: str) -> None:
    for setting in MISSING:
        launch: Launch = service.launch_api if process == "api" else service.launch_worker
        _ends_naming(launch(f"{process}-without-{setting}", **{setting: ""}), setting, "")


@pytest.mark.parametrize("process", ["api", "worker"])
def test_a_wrong_setting_is_named(service: Service, process: str) -> None:
    launch: Launch = service.launch_api if process == "api" else service.launch_worker
    launched = {
        setting: launch(f"{process}-{setting}", **{setting: value})
        for setting, value in WRONG.items()
    }
    for setting, ending in launched.items():
        _ends_naming(ending, setting, WRONG[setting])


def test_a_port_that_is_none_is_named(service: Service) -> None:
    for port in ("http", "0", "65536"):
        _ends_naming(service.launch_api(f"api-port-{port}", PORT=port), "PORT", port)


def test_every_wrong_setting_is_named_at_once(service: Service) -> None:
    wrong = {"LOG_LEVEL": "shout", "DB_TIMEOUT_MS": "x"}
    ending = service.launch_api(**wrong)
    assert ending.wait(END_SECONDS) != 0
    told = ending.stderr.read_text("utf-8") + ending.stdout.read_text("utf-8")
    assert all(setting in told for setting in wrong), told


def test_the_owner_of_the_tables_does_not_serve(service: Service, stack: Stack) -> None:
    """Row-level security does not bind a table's owner: such a service would leak in silence."""
    owner = service.settings["MIGRATION_DATABASE_URL"]
    for name, launch in (("api", service.launch_api), ("worker", service.launch_worker)):
        _ends_naming(launch(name, DATABASE_URL=owner), "DATABASE_URL", "the owner's")
