"""Every file is what its name says: it parses, and its linter has nothing to say."""

import json
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from pathlib import Path

import yaml

from . import node
from .repo import Repo

BIN = Path(sys.executable).parent
RUFF = [str(BIN / "ruff")]


def unparsable(repo: Repo) -> Iterator[str]:
    """Yield the files that their own language refuses."""
    for name, text in repo.texts.items():
        try:
            _parse(name, text)
        except (ValueError, SyntaxError, yaml.YAMLError) as error:
            yield f"{name}: {error}"


def _parse(name: str, text: str) -> None:
    if name.endswith(".py"):
        compile(text, name, "exec")
    elif name.endswith(".toml"):
        tomllib.loads(text)
    elif name.endswith((".yml", ".yaml")):
        list(yaml.safe_load_all(text))
    elif name.endswith(".json"):
        json.loads(text)
    elif name.endswith((".md", ".mdc")) and text.startswith("---\n"):
        head = yaml.safe_load(text.split("---\n", 2)[1])
        if not isinstance(head, dict):
            raise ValueError("its front matter is no mapping")


def complaints(repo: Repo) -> Iterator[str]:
    """Yield what formatter and linters say, with the repo's own settings."""
    commands = [
        *(["bash", "-n", name] for name in repo.texts if name.endswith(".sh")),
        ["make", "--dry-run", "--just-print", "help"],
    ]
    if "pyproject.toml" in repo.texts:
        commands.append([*RUFF, "format", "--check", "--no-cache", "--quiet", "."])
        commands.append([*RUFF, "check", "--no-cache", "--quiet", "."])
    if "Dockerfile" in repo.texts:
        commands.append([str(BIN / "hadolint"), "--failure-threshold", "style", "Dockerfile"])
    yield from _said(repo, commands)


def complaints_of_node(repo: Repo) -> Iterator[str]:
    """Yield what Prettier and the compiler say, with the packages of all the repos."""
    judged = node.formatted()
    new = {name: node.mark_of(repo, name) for name in repo.texts}
    unknown = [name for name, mark in new.items() if not (judged / mark).exists()]
    with node.lent(repo):
        said = node.judge().ask(repo, unknown)
    yield from said
    # What is well laid out in one repo is so in the next.
    for name in [] if said else unknown:
        (judged / new[name]).touch()


def _said(repo: Repo, commands: list[list[str]]) -> Iterator[str]:
    for command in commands:
        done = subprocess.run(command, cwd=repo.path, capture_output=True, text=True, check=False)
        if done.returncode:
            yield f"{command[0].rpartition('/')[2]}: {done.stdout}{done.stderr}"


def stale_agent_files(repo: Repo) -> Iterator[str]:
    """Yield what the agent files name and the repo does not have, by the repo's own check."""
    command = [sys.executable, "-B", "-m", "scripts.agent", "--check"]
    done = subprocess.run(command, cwd=repo.path, capture_output=True, text=True, check=False)
    if done.returncode:
        yield done.stdout + done.stderr
