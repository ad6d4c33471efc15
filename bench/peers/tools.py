"""What the peers need to run: their generators at pinned versions, a Python, a Node."""

import json
import platform
import re
import shutil
import subprocess
import sys
from pathlib import Path

from bench.measure import run
from bench.results import tell
from harness.project import ROOT, environment

FOLDER = ROOT / ".cache" / "bench"
UV = Path(sys.prefix) / "bin" / "uv"
PIP: list[str | Path] = [UV, "pip", "install", "--quiet", "--python"]
# Two of the peers need it, so all of the services run on it.
OLDEST_PYTHON = (3, 12)
OLDEST_NODE = 22
NODE = "22.23.3"


class NotHere(Exception):
    """This machine lacks what a peer needs; says what."""


def python() -> Path:
    """A Python that is new enough for all; uv itself misses those that only pyenv knows."""
    on_path = [shutil.which(f"python3.{minor}") for minor in (12, 13, 14)]
    known = sorted(Path.home().glob(".pyenv/versions/3.*/bin/python3"))
    candidates = [Path(sys.executable), *(Path(path) for path in on_path if path), *known]
    for candidate in candidates:
        if version_of(candidate) >= OLDEST_PYTHON:
            return candidate
    raise NotHere("no Python 3.12 or newer")


def version_of(interpreter: Path) -> tuple[int, ...]:
    asked = subprocess.run(
        [interpreter, "-c", "import sys; print(*sys.version_info[:2])"],
        capture_output=True,
        text=True,
        env=environment(),
    )
    return tuple(map(int, asked.stdout.split())) if asked.returncode == 0 else ()


def wheel(name: str, version: str) -> Path:
    """A generator from PyPI in an environment of its own; its folder of commands."""
    folder = FOLDER / f"{name}-{version}"
    commands = folder / "bin"
    if not (folder / "installed").exists():
        tell(f"peers: installing {name} {version}")
        run([UV, "venv", "--quiet", "--clear", "--python", sys.executable, folder])
        run([*PIP, commands / "python", f"{name}=={version}"])
        (folder / "installed").touch()
    return commands


def package(name: str, version: str) -> Path:
    """A generator from npm in a folder of its own; its script."""
    folder = FOLDER / f"{name}-{version}"
    if not (folder / "installed").exists():
        tell(f"peers: installing {name} {version}")
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir(parents=True)
        (folder / "package.json").write_text('{"private": true}')
        npm = ["npm", "install", "--no-audit", "--no-fund", "--ignore-scripts"]
        run([*npm, f"{name}@{version}"], folder)
        (folder / "installed").touch()
    modules = folder / "node_modules" / name
    described = json.loads((modules / "package.json").read_text(encoding="utf-8"))
    scripts = described["bin"]
    path: str = scripts if isinstance(scripts, str) else next(iter(scripts.values()))
    return modules / path


def node() -> Path:
    """A Node that is new enough: the machine's, or the one that npm has as a package."""
    if (own := shutil.which("node")) is None:
        raise NotHere("no Node")
    told = subprocess.run([own, "--version"], capture_output=True, text=True).stdout
    if (match := re.match(r"v(\d+)", told)) and int(match[1]) >= OLDEST_NODE:
        return Path(own)
    machine = {"x86_64": "x64", "aarch64": "arm64"}.get(platform.machine(), platform.machine())
    return package(f"node-{platform.system().lower()}-{machine}", NODE)
