"""`python -m harness.scratch`: where the tests should put what they make and delete.

They write some hundred thousand files, for which memory is twice as fast as a disk. Memory is
taken where it is plenty and programs may be started from it; TMPDIR overrules.
"""

import os
import subprocess
import tempfile
from pathlib import Path

MEMORY = Path("/dev/shm")  # noqa: S108 - below it, every test has a folder of its own
LEAST_MEMORY = 12 * 2**30
LEAST_ROOM = 8 * 2**30


def scratch(memory: Path = MEMORY) -> str:
    """Return the folder: `memory` if it is fit for it, or the usual one."""
    usual = tempfile.gettempdir()
    if "TMPDIR" in os.environ or not memory.is_dir():
        return usual
    room = os.statvfs(memory)
    enough = room.f_bavail * room.f_frsize >= LEAST_ROOM and available() >= LEAST_MEMORY
    return str(memory) if enough and _starts_programs(memory) else usual


def available(told: Path = Path("/proc/meminfo")) -> int:
    """Return how much memory is left, in bytes, as Linux tells; 0 elsewhere."""
    lines = told.read_text(encoding="ascii").splitlines() if told.exists() else []
    kibibytes = [line.split()[1] for line in lines if line.startswith("MemAvailable:")]
    return 1024 * int(kibibytes[0]) if kibibytes else 0


def _starts_programs(folder: Path) -> bool:
    """Containers often mount it so that nothing can be started from it."""
    try:
        with tempfile.TemporaryDirectory(dir=folder) as name:
            program = Path(name) / "program"
            program.write_text("#!/bin/sh\n", encoding="ascii")
            program.chmod(0o755)
            return subprocess.run([program], check=False).returncode == 0
    except OSError:
        return False


if __name__ == "__main__":
    print(scratch())
