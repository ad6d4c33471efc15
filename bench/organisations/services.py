"""The same work twice: many services by `fleet apply`, and by plain Copier on all cores."""

import os
import subprocess
import sys
import time
from pathlib import Path

import yaml

from bench.generation.templates import ours
from bench.results import CORES
from harness.project import ROOT, environment

FIRST, SECOND = "1.0.0", "1.1.0"
PERSON = {f"GIT_{who}_NAME": "Platform" for who in ("AUTHOR", "COMMITTER")} | {
    f"GIT_{who}_EMAIL": "platform@example.com" for who in ("AUTHOR", "COMMITTER")
}
COPIER = f'"{sys.executable}" -m copier'
# Every second one is of the other stack.
STACKS = ("fastapi", "express")
GENERATE = f"""
case "$0" in *[13579]) stack={STACKS[1]};; *) stack={STACKS[0]};; esac
{COPIER} copy --quiet --trust --defaults --vcs-ref {FIRST} \\
    --data "backend_framework=$stack" "$TEMPLATE" "$0"
cd "$0" && git init --quiet && git add --all && git commit --quiet --message Start
"""
UPDATE = f"""
cd "$0"
{COPIER} update --quiet --trust --defaults --vcs-ref {SECOND}
git add --all && git commit --quiet --message Update
"""


def released(folder: Path) -> Path:
    """Our template with two versions, of which the second changes three files of every service."""
    ours(folder)
    git(folder, "init", "--quiet")
    _release(folder, FIRST)
    for name in ("AGENTS.md.jinja", ".editorconfig", "LICENSE.jinja"):
        with (folder / "template" / name).open("a", encoding="utf-8") as file:
            file.write("\n# A line of the second version\n")
    _release(folder, SECOND)
    return folder


def git(folder: Path, *arguments: str) -> None:
    """Run git in a folder."""
    subprocess.run(["git", *arguments], cwd=folder, env=environment(PERSON), check=True)


def _release(folder: Path, version: str) -> None:
    git(folder, "add", "--all")
    git(folder, "commit", "--quiet", "--message", version)
    git(folder, "tag", version)


def by_fleet(template: Path, folder: Path, count: int, version: str) -> float:
    """Bring so many services to a version; the answer is in seconds."""
    folder.mkdir(exist_ok=True)
    services = [
        {"folder": name, "answers": {"backend_framework": STACKS[number % len(STACKS)]}}
        for number, name in enumerate(_names(count))
    ]
    file = folder / "fleet.yml"
    fleet = {"template": str(template), "version": version, "services": services}
    file.write_text(yaml.safe_dump(fleet), encoding="utf-8")
    return _timed([sys.executable, "-m", "fleet", "apply", "--file", str(file), "--json"], ROOT, {})


def by_copier(template: Path, folder: Path, count: int, script: str) -> float:
    """Do the same with Copier and git alone, as many at a time as there are cores."""
    folder.mkdir(exist_ok=True)
    workers = ["xargs", "--max-args", "1", "--max-procs", str(CORES)]
    shell = [*workers, "sh", "-euc", script]
    names = "\n".join(_names(count))
    return _timed(shell, folder, {"TEMPLATE": str(template)}, names)


def _names(count: int) -> list[str]:
    return [f"service-{number:03}" for number in range(count)]


def _timed(command: list[str], folder: Path, variables: dict[str, str], told: str = "") -> float:
    began = time.perf_counter()
    done = subprocess.run(
        command,
        cwd=folder,
        env=environment(PERSON | variables) | {"PYTHONPATH": os.fspath(ROOT)},
        input=told,
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode != 0:
        raise RuntimeError(f"{command[:4]}: {done.stdout[-1000:]}{done.stderr[-1000:]}")
    return time.perf_counter() - began
