"""Section 1: `make dev` from nothing, before anything else has brought servers up."""

import contextlib
import re
from collections.abc import Iterator
from pathlib import Path

import httpx2
import psutil
import pytest

from harness import Process, Project
from harness.project import environment
from harness.waiting import free_port
from suite.waiting import wait_for

DEV_SECONDS = 120
STARTED_AT = re.compile(r"^process_start_time_seconds (\S+)", re.MULTILINE)


@pytest.fixture
def dev(ready: Project, tmp_path: Path) -> Iterator[tuple[Process, str]]:
    """`make dev` in a shell where nothing is set but the ports."""
    port = free_port()
    variables = {"PORT": str(port), "WORKER_METRICS_PORT": str(free_port())}
    process = Process(
        "dev", ["make", "dev"], cwd=ready.folder, env=environment(variables), logs=tmp_path
    )
    yield process, f"http://127.0.0.1:{port}"
    process.interrupt()
    with contextlib.suppress(Exception):
        process.wait(30)
    process.kill()


def _status(url: str) -> int | None:
    try:
        return httpx2.get(url, trust_env=False).status_code
    except httpx2.TransportError:
        return None


def _started_at(base_url: str) -> str:
    try:
        text = httpx2.get(f"{base_url}/metrics", trust_env=False).text
    except httpx2.TransportError:
        return ""
    found = STARTED_AT.search(text)
    return found.group(1) if found else ""


def _processes_in(folder: Path) -> list[str]:
    """Whatever runs there: a process is at home where its working directory is."""
    at_home = []
    for process in psutil.process_iter():
        with contextlib.suppress(psutil.Error, OSError):
            if Path(process.cwd()).is_relative_to(folder) and process.status() != "zombie":
                at_home.append(" ".join(process.cmdline()))
    return at_home


def test_dev_brings_all_up_reloads_and_stops_all(ready: Project, dev: tuple[Process, str]) -> None:
    process, base_url = dev
    process.wait_for(
        lambda: _status(f"{base_url}/health/ready") == 200, "make dev is ready", DEV_SECONDS
    )
    assert _status(f"{base_url}/docs") == 200, "/docs is shown outside production"
    before = _started_at(base_url)
    assert before
    for name in ready.git("ls-files").splitlines():
        path = ready.folder / name
        path.write_bytes(path.read_bytes())
    wait_for(lambda: _started_at(base_url) not in ("", before), "a reload", within=60)
    assert process.exit_code is None
    process.interrupt()
    process.wait(60)
    wait_for(lambda: not _processes_in(ready.folder), "nothing is left running", within=15)
    assert ready.changes() == ""
