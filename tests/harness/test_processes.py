"""Processes below `make` are found, told to stop, and killed with all that they started."""

import signal
import sys
from pathlib import Path

import psutil
import pytest

from harness import Process, ProcessFailed
from harness.project import environment
from harness.waiting import wait_until

SERVICE = """\
import signal, sys, time, subprocess
child = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(60)"])
def stop(*_):
    child.kill()
    sys.exit(int(sys.argv[1]))
signal.signal(signal.SIGTERM, stop)
print(child.pid, flush=True)
time.sleep(60)
"""


def started(folder: Path, code: int = 0) -> Process:
    (folder / "service.py").write_text(SERVICE, encoding="utf-8")
    (folder / "Makefile").write_text(f"run:\n\t@{sys.executable} service.py {code}\n", "utf-8")
    logs = folder / "logs"
    logs.mkdir()
    process = Process("it", ["make", "run"], cwd=folder, env=environment(), logs=logs)
    process.wait_for(lambda: bool(process.stdout.read_text()), "its first line", within=20)
    return process


def is_gone(process: psutil.Process) -> bool:
    try:
        return process.status() == psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return True


@pytest.mark.parametrize(("code", "launcher"), [(0, 0), (3, 2)])
def test_the_exit_code_of_the_service_is_seen_through_make(
    tmp_path: Path, code: int, launcher: int
) -> None:
    assert started(tmp_path, code).stop(within=20) == launcher


def test_a_kill_takes_all_that_it_started(tmp_path: Path) -> None:
    process = started(tmp_path)
    child = psutil.Process(int(process.stdout.read_text()))
    process.kill()
    assert process.exit_code == -signal.SIGKILL
    wait_until(lambda: is_gone(child), "the child is gone", within=10)


def test_an_early_end_is_told_with_its_last_words(tmp_path: Path) -> None:
    command = [sys.executable, "-c", "import sys; sys.exit('PORT is taken')"]
    process = Process("api", command, cwd=tmp_path, env=environment(), logs=tmp_path)
    with pytest.raises(ProcessFailed, match=r"(?s)api ended with 1.*PORT is taken"):
        process.wait_for(lambda: False, "readiness", within=20)


def test_what_surrounds_us_does_not_reach_the_service(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("MAKEFLAGS", "VIRTUAL_ENV", "PYTHONPATH", "DATABASE_URL"):
        monkeypatch.setenv(name, "leaky")
    seen = environment({"PORT": "1234"})
    assert seen["PORT"] == "1234"
    assert "leaky" not in seen.values()
    assert str(Path(sys.prefix) / "bin") not in seen["PATH"].split(":")
