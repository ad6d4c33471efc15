"""R8: no secret in the tree, and none in what git remembers of it."""

import json
import shutil
import subprocess
import sys
import tempfile
from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path

from .project import ROOT
from .verdict import Verdict, count, verdict

# Findings that somebody has looked at, in detect-secrets' own form.
BASELINE = ROOT / ".secrets.baseline"
OUTSIDE = {".git", ".venv", ".services", "__pycache__", ".mypy_cache", ".ruff_cache"}
# Of this folder, should it be a part of a larger repository.
EVERY_CHANGE = (
    *("-c", "core.quotePath=off", "log", "--all", "--patch", "--unified=0", "--no-color"),
    *("--no-ext-diff", "--no-prefix", "--relative", "--format=", "--", "."),
)
HEADER = "+++ "
NOWHERE = "/dev/null"
TESTS = "tests/"
# Tests are full of passwords that somebody made up; what looks like a real key is found there too.
MADE_UP = ["--disable-plugin", "KeywordDetector", "--disable-plugin", "BasicAuthDetector"]
# The scanner takes what is in an example for made up; settings are scanned in earnest.
EXAMPLE, SETTINGS = ".example", ".env"
# An annotation looks like a value where Python is quoted in another file, and `password` is what
# an example of a URL says.
HARMLESS = r"^((str|bytes|SecretStr)\b|password$)"
# `alembic revision` names them by twelve digits of chance.
REVISION = r"^(down_)?revision\b.*="


@dataclass(frozen=True, slots=True)
class Finding:
    path: str
    line: int
    kind: str
    digest: str


def check() -> Verdict:
    tree = _tree()
    accepted = {finding.digest for finding in _parse(_read(BASELINE))}
    failures = [
        f"{found.path}:{found.line}: {found.kind}: revoke it and read it from the environment;"
        " a false alarm ends its line with `pragma: allowlist secret`"
        for found in _scan(ROOT, tree)
        if found.digest not in accepted
    ]
    history = _history()
    if history is None:
        past = "no git repository, so no history"
    else:
        past = f"{count(sum(map(len, history.values())), 'line')} of its git history"
        failures += _remembered(history, accepted)
    return verdict(
        f"{count(len(tree), 'file')}, {past}",
        f"{count(len(failures), 'finding')}, {len(accepted)} accepted in {BASELINE.name}",
        failures,
    )


def _tree() -> list[str]:
    listed = _git("ls-files", "--cached", "--others", "--exclude-standard", "-z")
    if listed is not None:
        names = [name for name in listed.split("\0") if name]
    else:
        names = [path.relative_to(ROOT).as_posix() for path in ROOT.rglob("*")]
    return [
        name for name in names if not OUTSIDE & set(Path(name).parts) and (ROOT / name).is_file()
    ]


def _history() -> dict[str, list[str]] | None:
    """Every line that any commit ever added, by file; None without a repository."""
    log = _git(*EVERY_CHANGE)
    if log is None:
        return None
    lines: dict[str, dict[str, None]] = defaultdict(dict)
    path = ""
    for line in log.splitlines():
        if line.startswith(HEADER):
            path = line.removeprefix(HEADER).rstrip("\t")
        elif line.startswith("+") and path != NOWHERE:
            lines[path][line[1:]] = None
    # What was a file once and is a folder now cannot be both where it is written for the scanner.
    folders = {parent.as_posix() for path in lines for parent in Path(path).parents}
    return {
        f"{path}/was-a-file" if path in folders else path: list(added)
        for path, added in lines.items()
    }


def _remembered(history: dict[str, list[str]], accepted: set[str]) -> Iterator[str]:
    with tempfile.TemporaryDirectory() as folder:
        root = Path(folder)
        for name, lines in history.items():
            target = root / name
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_text("\n".join(lines))
        for found in _scan(root, history):
            if found.digest not in accepted and not _is_still_there(found, history):
                yield (
                    f"history of {found.path}: {found.kind}: revoke it; once it is worth nothing,"
                    f" or was a false alarm, list its hash {found.digest} in {BASELINE.name}"
                )


def _is_still_there(found: Finding, history: dict[str, list[str]]) -> bool:
    """Then it is the tree's finding, or was accepted on its line."""
    line = history[found.path][found.line - 1].strip()
    return line in _read(ROOT / found.path)


def _scan(root: Path, names: Iterable[str]) -> list[Finding]:
    wanted = set(names) - {BASELINE.name}
    tests = {name for name in wanted if name.startswith(TESTS)}
    examples = {name for name in wanted if name.endswith(EXAMPLE)}
    found = [*_run(root, wanted - tests - examples), *_run(root, tests, *MADE_UP)]
    with tempfile.TemporaryDirectory() as folder:
        copies = {f"{name}{SETTINGS}": root / name for name in examples}
        for copy, original in copies.items():
            target = Path(folder, copy)
            target.parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(original, target)
        disguised = _run(Path(folder), copies)
    return found + [replace(one, path=one.path.removesuffix(SETTINGS)) for one in disguised]


def _run(root: Path, names: Iterable[str], *options: str) -> list[Finding]:
    if not names:
        return []
    command = [sys.executable, "-m", "detect_secrets", "scan", "--no-verify"]
    command += ["--exclude-secrets", HARMLESS, "--exclude-lines", REVISION]
    command += [*options, "--", *sorted(names)]
    done = subprocess.run(command, cwd=root, stdout=subprocess.PIPE, text=True, check=True)
    return list(_parse(done.stdout))


def _parse(baseline: str) -> Iterator[Finding]:
    for path, findings in json.loads(baseline or '{"results": {}}')["results"].items():
        for one in findings:
            yield Finding(path, one["line_number"], one["type"], one["hashed_secret"])


def _read(path: Path) -> str:
    return path.read_text(errors="replace") if path.is_file() else ""


def _git(*arguments: str) -> str | None:
    done = subprocess.run(
        ["git", *arguments], cwd=ROOT, capture_output=True, text=True, errors="replace", check=False
    )
    return done.stdout if done.returncode == 0 else None
