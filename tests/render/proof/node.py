"""Tools of the generated TypeScript repos, installed once for all of them.

What is installed is what package.json pins for any choice; each repo is lent the folder for as
long as its checks run.
"""

import fcntl
import hashlib
import json
import re
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from pathlib import Path

from .repo import Repo

ROOT = Path(__file__).resolve().parents[3]
PACKAGE = ROOT / "template" / "{{ on.backend_framework.express }}" / "package.json.jinja"
PROGRAM = Path(__file__).with_name("judge.mjs")
CACHE = ROOT / ".cache" / "node"
PIN = re.compile(
    r"^    \"(?P<name>[@\w./-]+)\": \"(?P<version>\d[\w.-]*)\",?(\{\{.*\}\})?$", re.MULTILINE
)


@cache
def shared() -> Path:
    """Return a node_modules folder with the packages of all choices, installed if need be."""
    pins = {found["name"]: found["version"] for found in PIN.finditer(PACKAGE.read_text("utf-8"))}
    text = json.dumps({"private": True, "dependencies": pins}, indent=2, sort_keys=True)
    folder = CACHE / hashlib.sha256(text.encode()).hexdigest()[:16]
    folder.mkdir(parents=True, exist_ok=True)
    # Tests run in several processes, and the first one installs.
    with (folder / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not (folder / "done").exists():
            (folder / "package.json").write_text(text, encoding="utf-8")
            # Formatter and types are all that is asked for: no package's script has to run.
            flags = ["--no-package-lock", "--ignore-scripts", "--no-audit", "--no-fund"]
            subprocess.run(["npm", "install", *flags], cwd=folder, check=True, capture_output=True)
            (folder / "done").touch()
    return folder / "node_modules"


@cache
def formatted() -> Path:
    """Return the folder that remembers what Prettier, as it is pinned, has found well laid out."""
    folder = shared().parent / "formatted"
    folder.mkdir(exist_ok=True)
    return folder


def mark_of(repo: Repo, name: str) -> str:
    """Return what stands for a file's text, and for how Prettier is told to read it."""
    texts = (Path(name).name, repo.texts[name], repo.texts[".prettierrc.json"])
    return hashlib.sha256("\0".join(texts).encode()).hexdigest()


class Judge:
    """Prettier and the compiler in a process that stays: each repo finds them warm."""

    def __init__(self) -> None:
        """Start the process; it ends with this one, whose end closes its input."""
        command = ["node", str(PROGRAM), str(shared().resolve())]
        self._process = subprocess.Popen(
            command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        )

    def ask(self, repo: Repo, files: list[str]) -> list[str]:
        """Return what they say: of the layout of these files, and of the types of all."""
        asked, answers = self._process.stdin, self._process.stdout
        assert asked is not None
        assert answers is not None
        asked.write(json.dumps({"folder": str(repo.path), "files": files}) + "\n")
        asked.flush()
        said: list[str] = json.loads(answers.readline())
        return said


@cache
def judge() -> Judge:
    """Return the one of this process."""
    return Judge()


@contextmanager
def lent(repo: Repo) -> Iterator[None]:
    """Lend the installed packages to a repo, beside those that it brings itself."""
    folder = repo.path / "node_modules"
    folder.mkdir()
    for package in shared().iterdir():
        (folder / package.name).symlink_to(package, target_is_directory=True)
    for manifest in repo.path.glob("packages/*/package.json"):
        link = folder / json.loads(manifest.read_text("utf-8"))["name"]
        link.parent.mkdir(exist_ok=True)
        link.symlink_to(manifest.parent, target_is_directory=True)
    try:
        if "prisma.config.ts" in repo.texts:
            generate = ["node_modules/.bin/prisma", "generate", "--no-hints"]
            subprocess.run(generate, cwd=repo.path, check=True, capture_output=True)
        yield
    finally:
        shutil.rmtree(folder)
        shutil.rmtree(repo.path / "generated" / "prisma", ignore_errors=True)
