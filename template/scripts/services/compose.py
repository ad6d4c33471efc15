"""The services of compose.yaml, reached from outside its network."""

import json
import shutil
import subprocess
import sys
from pathlib import Path
from urllib.parse import urlsplit

from . import extra
from .errors import ServicesError, say

# What the processes of compose.yaml are told, and which service each URL leads to.
EXTRA_URLS, EXTRA_SETTINGS = extra.in_compose()
URLS = {
    "DATABASE_URL": "postgres",
    "MIGRATION_DATABASE_URL": "postgres",
    "REDIS_URL": "valkey",
    **EXTRA_URLS,
}
ANSWER_SECONDS = 5


def answers(root: Path) -> bool:
    """Whether there is an engine and work for it; the command alone proves nothing."""
    if shutil.which("docker") is None or not (root / "compose.yaml").exists():
        return False
    for command in (["docker", "info"], ["docker", "compose", "version"]):
        try:
            done = subprocess.run(command, capture_output=True, timeout=ANSWER_SECONDS, check=False)
        except (OSError, subprocess.TimeoutExpired):
            return False
        if done.returncode != 0:
            return False
    return True


def running(root: Path) -> bool:
    if not answers(root):
        return False
    there = _compose(root, "ps", "--services", "--status", "running").split()
    return set(URLS.values()) <= set(there)


def up(root: Path) -> dict[str, str]:
    say("starting PostgreSQL and Valkey in Docker")
    _compose(root, "up", "--detach", "--wait", *sorted(set(URLS.values())))
    configuration = json.loads(_compose(root, "config", "--format", "json"))
    processes = configuration["services"].values()
    environments = [process.get("environment", {}) for process in processes]
    urls = {}
    for name, service in URLS.items():
        inner = next(environment[name] for environment in environments if name in environment)
        url = urlsplit(inner)
        outer = _compose(root, "port", service, str(url.port)).strip()
        credentials, at, _ = url.netloc.rpartition("@")
        urls[name] = url._replace(netloc=f"{credentials}{at}{outer}").geturl()
    return urls | EXTRA_SETTINGS


def down(root: Path, *, erase: bool) -> None:
    _compose(root, "down", *(["--volumes"] if erase else []))


def _compose(root: Path, *arguments: str) -> str:
    command = ["docker", "compose", *arguments]
    done = subprocess.run(command, cwd=root, stdout=subprocess.PIPE, text=True, check=False)
    if done.returncode != 0:
        sys.stderr.write(done.stdout)
        raise ServicesError(
            f"`{' '.join(command)}` failed (above); `--engine embedded` works without Docker"
        )
    return done.stdout
