"""One run of schemathesis: its command, its settings, what it told."""

import json
import os
import subprocess
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from harness import ROOT
from harness.console import tail
from suite.tenants import Seed

# Far over what a run takes: it only ends one that would never end.
RUN_SECONDS = 1800
# Of each operation and phase; CI has a minute for all, and a night has more.
EXAMPLES = int(os.environ.get("FUZZ_EXAMPLES", "40"))
PYTHON_PATH = os.pathsep.join([str(ROOT), str(ROOT / "tests" / "contract")])


@dataclass(frozen=True)
class Told:
    operations: list[str]
    answered: dict[str, int]

    @property
    def cases(self) -> int:
        return sum(self.answered.values())


def run(
    name: str,
    base_url: str,
    prefix: str,
    logs: Path,
    *options: str,
    headers: dict[str, str],
    settings: str = "",
) -> Told:
    """Every check, every phase, unless the options say otherwise. Raises with what it found."""
    config, log, counts = (logs / f"{name}.{end}" for end in ("toml", "log", "json"))
    config.write_text(
        COMMON.format(examples=EXAMPLES) + settings + table("headers", headers), encoding="utf-8"
    )
    command = [sys.executable, "-m", "schemathesis.cli", "--config-file", str(config), "run"]
    command += [f"{base_url}/openapi.json", "--checks", "all", "--no-color", *options]
    environment = {
        **{key: value for key, value in os.environ.items() if not key.startswith("PYTEST")},
        "SCHEMATHESIS_HOOKS": "tests.fuzz.hooks",
        "PYTHONPATH": PYTHON_PATH,
        "FUZZ_PREFIX": prefix,
        "FUZZ_COUNTS": str(counts),
    }
    with log.open("wb") as out:
        done = subprocess.run(
            command,
            cwd=logs,
            env=environment,
            stdin=subprocess.DEVNULL,
            stdout=out,
            stderr=subprocess.STDOUT,
            timeout=RUN_SECONDS,
        )
    story = log.read_text(encoding="utf-8", errors="replace")
    assert done.returncode == 0, f"schemathesis, {name}, {log}:\n{tail(story)}"
    told = json.loads(counts.read_text(encoding="utf-8"))
    return Told(told["operations"], told["answered"])


COMMON = """
continue-on-failure = true
workers = 1
# 403 for a made-up account and 404 for a made-up id are answers, not news.
warnings = false
[generation]
deterministic = true
max-examples = {examples}
database = "none"
# Refused by the contract, and not said by the schema of each single string.
allow-x00 = false

[phases.coverage]
generate-duplicate-query-parameters = true
"""


def table(name: str, values: Mapping[str, object]) -> str:
    """Of TOML, whose strings and lists are written like those of JSON."""
    lines = [f"{json.dumps(key)} = {json.dumps(value)}" for key, value in values.items()]
    return "\n".join(["", f"[{name}]", *lines, ""])


def users(file: Path, log_in: str, seeds: dict[str, Seed]) -> str:
    """The first acts; of what it makes, none of the others may see anything."""
    entries = [
        {
            "name": name,
            "loginEndpointAuth": {
                "endpoint": log_in,
                "verb": "POST",
                "contentType": "application/json",
                "payloadRaw": json.dumps({"email": seed.email, "password": seed.password}),
                "token": {
                    "extractFrom": "body",
                    "extractSelector": "/data/accessToken",
                    "sendIn": "header",
                    "sendName": "Authorization",
                    "sendTemplate": "Bearer {token}",
                },
            },
        }
        for name, seed in seeds.items()
    ]
    file.write_text(json.dumps({"auth": entries}), encoding="utf-8")
    peers = list(seeds)
    return table("auth.wfc", {"path": str(file), "user": peers[0], "peers": peers})


def known(parameters: Mapping[str, Sequence[str]], share: float) -> str:
    """Values that exist, for parameters that chance would never hit: tried as often as `share`."""
    tables = []
    for number, (parameter, values) in enumerate(parameters.items()):
        drawn = {"dictionary": f"known{number}", "probability": share}
        tables.append(table(f"dictionaries.known{number}", {"values": values}))
        tables.append(table(f"parameters.{json.dumps(parameter)}", drawn))
    return "".join(tables)
