"""Brings up the databases of the tests: real ones, with data of their own."""

import os
import re
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parent.parent
EXPORT = re.compile(r"^export (\w+)=(\S+)$", re.MULTILINE)


def start() -> dict[str, str]:
    """Start the services called `test` and answer their URLs by setting name."""
    output = _services("start")
    return {name: value.strip("'\"") for name, value in EXPORT.findall(output)}


def stop() -> None:
    _services("stop")


def migrate(urls: dict[str, str]) -> None:
    subprocess.run(
        [sys.executable, "-m", "alembic", "upgrade", "head"],
        cwd=ROOT,
        env={**os.environ, **urls},
        check=True,
    )


def _services(action: str) -> str:
    command = [sys.executable, "-m", "scripts.services", action, "--name", "test"]
    return subprocess.run(command, cwd=ROOT, check=True, stdout=subprocess.PIPE, text=True).stdout
