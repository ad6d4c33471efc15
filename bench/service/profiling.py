"""Where the time of an insert goes: samples of the running API, by the package that spends them."""

import re
import subprocess
import threading
from collections import Counter
from pathlib import Path

from harness.project import Project

from .pair import Side
from .wire import closed

SAMPLER = "py-spy==0.4.3"
SAMPLES_A_SECOND = 400
# The standard library works for whoever called it.
PACKAGE = re.compile(
    r"\((?P<package>app|sqlalchemy|asyncpg|fastapi|starlette|pydantic|redis|jwt"
    r"|uvicorn|structlog|prometheus_client)/(?P<module>[^:)]*)"
)
AT_REST = re.compile(r"(Runner\.run|_worker|Condition\.wait|wait) \([^;]*$")
APART = {"app": ("lib/logging.py", "lib/redaction.py", "webhooks/", "lib/middleware.py")}


def profile(project: Project, side: Side, connections: int, seconds: float) -> dict[str, float]:
    """The share of each package in the time that the API is busy; nothing where sampling fails."""
    folder = project.folder / ".venv" / "bin"
    target = project.logs / "samples.txt"
    install: list[str | Path] = [
        folder / "uv",
        "pip",
        "install",
        "--quiet",
        "--python",
        folder / "python",
        SAMPLER,
    ]
    record: list[str | Path] = [folder / "py-spy", "record", "--format", "raw", "--output", target]
    record += ["--rate", str(SAMPLES_A_SECOND), "--duration", str(int(seconds))]
    record += ["--pid", str(side.process.pid)]
    load = threading.Thread(target=closed, args=(side.request, connections, seconds + 1))
    try:
        subprocess.run(install, check=True, capture_output=True)
        load.start()
        subprocess.run(record, check=True, capture_output=True, timeout=seconds + 60)
    except (OSError, subprocess.SubprocessError):
        return {}
    finally:
        if load.is_alive():
            load.join()
    return shares(target)


def shares(samples: Path) -> dict[str, float]:
    """Each sample belongs to the innermost package of its stack."""
    found: Counter[str] = Counter()
    for line in samples.read_text(encoding="utf-8").splitlines():
        stack, _, number = line.rpartition(" ")
        if AT_REST.search(stack):
            continue
        found[_spender(stack)] += int(number)
    total = found.total()
    return {name: number / total for name, number in found.most_common()}


def _spender(stack: str) -> str:
    for frame in reversed(stack.split(";")):
        if match := PACKAGE.search(frame):
            package, module = match["package"], match["module"]
            for part in APART.get(package, ()):
                if module.startswith(part):
                    return f"{package}: {part.rstrip('/')}"
            return f"{package}: the rest" if package in APART else package
    return "Python and its event loop"
