"""What an engineer might commit: patches for a generated repo, and what `make rules` says of them.

A patch is a file as `git diff` writes it. Before the diff stand a line about it, a line `Says: …`
for each thing that has to be said (a regular expression), and `Then: reverted` when a second
commit takes it back.
"""

import re
import secrets
import subprocess
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from harness import Project
from harness.project import environment

FOLDER = Path(__file__).parent / "teeth"
BEGIN = "diff --git "
SAYS = "Says: "
REVERTED = "Then: reverted"
REVISION = re.compile(r'^\+revision = "(.+)"$', re.MULTILINE)
FAILURE = re.compile(r"^(R\d+) (\S.*: .*)$", re.MULTILINE)
RESULT = re.compile(r"^(R\d+) .* (PASS|FAIL) ", re.MULTILINE)
# What looks real to a scanner is made here, so that no scanner finds it in this repo.
CAPITALS = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567"
# Where the toolchains of the stacks are installed.
TOOLS = (".venv", "node_modules", ".tools")
# With the Node that `make setup` may have brought.
BUILT_RULES = (
    "make --silent dist/.built &&"
    ' PATH="$PWD/.tools/node/node_modules/.bin:$PWD/node_modules/.bin:$PATH"'
    " node dist/scripts/rules/main.js"
)
PEM = "-----{} RSA PRIVATE KEY-----"


@dataclass(frozen=True)
class Patch:
    rule: str
    name: str
    story: str
    says: tuple[str, ...]
    diff: str
    reverted: bool


@dataclass(frozen=True)
class Told:
    """What `make rules` printed."""

    code: int
    output: str

    @property
    def broken(self) -> set[str]:
        return {rule for rule, result in RESULT.findall(self.output) if result == "FAIL"}

    @property
    def judged(self) -> set[str]:
        return {rule for rule, _ in RESULT.findall(self.output)}

    @property
    def failures(self) -> list[tuple[str, str]]:
        """The rule and the line, for each failure."""
        return FAILURE.findall(self.output)


def load(stack: str, folder: str) -> list[Patch]:
    """In the order of their names, which is that of their migrations as well."""
    return [_parse(path) for path in sorted((FOLDER / stack / folder).rglob("*.patch"))]


def folders(stack: str) -> list[str]:
    return sorted(path.name for path in (FOLDER / stack).iterdir())


def _parse(path: Path) -> Patch:
    head, begin, diff = path.read_text(encoding="utf-8").partition(BEGIN)
    story, *lines = head.strip().splitlines()
    says = tuple(line.removeprefix(SAYS) for line in lines if line.startswith(SAYS))
    return Patch(path.parent.name, path.stem, story, says, begin + diff, REVERTED in lines)


class Copy:
    """A copy of a generated repo, with its own history and the original's tools."""

    def __init__(self, original: Project, folder: Path) -> None:
        subprocess.run(["git", "clone", "--quiet", original.folder, folder], check=True)
        tools = [name for name in TOOLS if (original.folder / name).exists()]
        exclude = "".join(f"/{name}\n" for name in tools)
        (folder / ".git" / "info" / "exclude").write_text(exclude, encoding="utf-8")
        for name in tools:
            (folder / name).symlink_to(original.folder / name)
        self._original = original.folder
        self.project = Project(folder, original.logs)
        versions = sorted(path.name for path in folder.glob("migrations/versions/*.py"))
        self._head = versions[-1].partition("_")[0] if versions else ""

    def commit(self, patch: Patch) -> None:
        text = self._filled(patch.diff)
        if revision := REVISION.search(text):
            self._head = revision[1]
        for options in ([], ["--reverse"]) if patch.reverted else ([],):
            done = subprocess.run(
                ["git", "apply", "--recount", "--index", *options],
                cwd=self.project.folder,
                input=text,
                capture_output=True,
                text=True,
            )
            assert done.returncode == 0, f"{patch.rule} {patch.name}: {done.stderr}"
            self.project.commit(patch.story)

    def _filled(self, text: str) -> str:
        access_key = "AKIA" + "".join(secrets.choice(CAPITALS) for _ in range(16))
        key = "\n+".join([PEM.format("BEGIN"), secrets.token_urlsafe(48), PEM.format("END")])
        return (
            text.replace("<head>", self._head)
            .replace("<revision>", secrets.token_hex(6))
            .replace("<random>", secrets.token_hex(20))
            .replace("<aws-key>", access_key)
            .replace("<private-key>", key)
        )

    def rules(self, *wanted: str) -> Told:
        """As `make rules` does it; all ten when none is named."""
        if not wanted:
            return self._run(["make", "rules"])
        python = self.project.folder / ".venv/bin/python"
        if python.exists():
            return self._run([str(python), "-m", "scripts.rules", *wanted])
        return self._run(["sh", "-c", f"{BUILT_RULES} {' '.join(wanted)}"])

    def check(self) -> Told:
        # What types were found in the original need not be found again.
        known = {"MYPY_CACHE_DIR": str(self._original / ".mypy_cache")}
        return self._run(["make", "check"], known)

    def _run(self, command: list[str], variables: Mapping[str, str] | None = None) -> Told:
        done = subprocess.run(
            command,
            cwd=self.project.folder,
            env=environment(variables),
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )
        return Told(done.returncode, done.stdout)
