"""A file of the template that moves leaves the edits of its services behind, unless a migration of
Copier's moves theirs along."""

import re
import subprocess
from pathlib import Path
from typing import Any

import yaml

from harness import ROOT

from .history import FIRST, git

VERSION = re.compile(r"\d+(\.\d+)*((a|b|rc)\d+)?(\.post\d+)?")
ALIKE = "--find-renames=60%"


def released(repo: Path) -> list[str]:
    return [tag for tag in git(repo, "tag", "--list").split() if VERSION.fullmatch(tag)]


def moved(repo: Path, tag: str) -> list[tuple[str, str]]:
    """Return what git takes for a file that moved within the template since a release."""
    found = git(
        repo, "diff", "--name-status", "-z", "--diff-filter=R", ALIKE, tag, "--", "template"
    )
    parts = found.split("\0")[:-1]
    return list(zip(parts[1::3], parts[2::3], strict=True))


def unaccompanied(repo: Path) -> list[str]:
    """Return the moves since any release that no migration in copier.yml names."""
    config: dict[str, Any] = yaml.safe_load((repo / "copier.yml").read_text(encoding="utf-8"))
    migrations = str(config.get("_migrations", ""))
    return [
        f"since {tag}: {old} → {new}"
        for tag in released(repo)
        for old, new in moved(repo, tag)
        if Path(old).name.removesuffix(".jinja") not in migrations
    ]


def test_no_file_has_moved_without_its_migration() -> None:
    if (ROOT / ".git").exists():
        assert unaccompanied(ROOT) == []


def test_a_move_is_found_and_its_migration_too(tmp_path: Path) -> None:
    subprocess.run(["git", "init", "--quiet", str(tmp_path)], check=True)
    source = tmp_path / "template" / "lib" / "limit.py"
    source.parent.mkdir(parents=True)
    source.write_text("".join(f"line {number}\n" for number in range(20)))
    (tmp_path / "copier.yml").write_text("{}\n")
    git(tmp_path, "add", "--all")
    git(tmp_path, "commit", "--quiet", "--message", "One")
    git(tmp_path, "tag", FIRST)
    git(tmp_path, "tag", "not-a-version")
    assert unaccompanied(tmp_path) == []
    git(tmp_path, "mv", "template/lib/limit.py", "template/lib/rate_limit.py")
    git(tmp_path, "commit", "--quiet", "--message", "Two")
    (move,) = unaccompanied(tmp_path)
    assert "template/lib/limit.py → template/lib/rate_limit.py" in move
    (tmp_path / "copier.yml").write_text(
        yaml.safe_dump({"_migrations": [{"command": "git mv lib/limit.py lib/rate_limit.py"}]})
    )
    assert unaccompanied(tmp_path) == []
