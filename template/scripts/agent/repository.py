"""The repo as agent files may speak of it: files, make targets, the words of the code."""

import os
import re
import subprocess
from collections.abc import Iterator
from fnmatch import fnmatch
from functools import cached_property
from pathlib import Path

WORD = re.compile(r"\w+")
TARGET = re.compile(r"^(?P<names>[\w.-]+(?:[ \t]+[\w.-]+)*)[ \t]*::?(?!=)", re.MULTILINE)
INCLUDE = re.compile(r"^-?include[ \t]+(?P<files>\S.*)$", re.MULTILINE)
NOT_OURS = {"__pycache__", "node_modules", "vendor", "target", "build", "dist"}
HIDDEN_BUT_OURS = {".claude", ".codex", ".cursor", ".gemini", ".github"}
# Prose and answers name things that are not there; only code proves that a thing is.
NOT_CODE = ("*.md", "*.mdc", ".codex/*", ".copier-answers*.yml", "scripts/agent/*")
LARGEST_SOURCE = 1_000_000


class Repository:
    def __init__(self, root: Path) -> None:
        self.root = root

    def read(self, path: str) -> str:
        return (self.root / path).read_text(encoding="utf-8")

    @cached_property
    def files(self) -> tuple[str, ...]:
        """Every file that is, or would be, committed."""
        names = self._committed()
        if names is None:
            names = set(self._walk())
        return tuple(sorted(name for name in names if (self.root / name).is_file()))

    def _committed(self) -> set[str] | None:
        """What git would commit; None where there is no git to ask."""
        if not (self.root / ".git").exists():
            return None
        command = ["git", "ls-files", "--cached", "--others", "--exclude-standard", "-z"]
        try:
            listed = subprocess.run(
                command,
                cwd=self.root,
                check=True,
                stdout=subprocess.PIPE,
                stderr=subprocess.DEVNULL,
            )
        except (OSError, subprocess.CalledProcessError):
            return None
        return set(listed.stdout.decode().split("\0")) - {""}

    def _walk(self) -> Iterator[str]:
        for folder, folders, names in os.walk(self.root):
            folders[:] = [name for name in folders if _is_ours(name)]
            for name in names:
                yield Path(folder, name).relative_to(self.root).as_posix()

    def matches(self, path: str) -> list[str]:
        """The files that a path or a pattern with stars stands for; a folder's are its content."""
        pattern = path.removeprefix("./").rstrip("/").replace("[", "[[]")
        return [
            name for name in self.files if fnmatch(name, pattern) or fnmatch(name, f"{pattern}/*")
        ]

    @cached_property
    def _ignored(self) -> tuple[str, ...]:
        if ".gitignore" not in self.files:
            return ()
        lines = (line.strip() for line in self.read(".gitignore").splitlines())
        return tuple(line.strip("/") for line in lines if line and not line.startswith(("#", "!")))

    def is_generated(self, path: str) -> bool:
        """Git ignores it, so a command makes it and it need not be there."""
        parts = Path(path).parts
        heads = ["/".join(parts[: count + 1]) for count in range(len(parts))]
        return any(fnmatch(head, pattern) for head in heads for pattern in self._ignored)

    @cached_property
    def targets(self) -> frozenset[str]:
        found: set[str] = set()
        makefiles = ["Makefile"]
        for makefile in makefiles:
            if makefile in self.files:
                text = self.read(makefile)
                found.update(*(match["names"].split() for match in TARGET.finditer(text)))
                included = " ".join(match["files"] for match in INCLUDE.finditer(text)).split()
                makefiles += [name for name in included if name not in makefiles]
        return frozenset(found)

    @cached_property
    def code(self) -> dict[str, str]:
        """The text of each file that can prove that a name exists."""
        return {name: text for name in self.files if (text := self._source(name)) is not None}

    def _source(self, name: str) -> str | None:
        if any(fnmatch(name, pattern) for pattern in NOT_CODE):
            return None
        if (self.root / name).stat().st_size > LARGEST_SOURCE:
            return None
        try:
            return self.read(name)
        except UnicodeDecodeError:
            return None

    @cached_property
    def words(self) -> frozenset[str]:
        return frozenset(word for text in self.code.values() for word in WORD.findall(text))

    @cached_property
    def extensions(self) -> frozenset[str]:
        return frozenset(Path(name).suffix for name in self.files) - {""}


def _is_ours(folder: str) -> bool:
    hidden = folder.startswith(".") and folder not in HIDDEN_BUT_OURS
    return not hidden and folder not in NOT_OURS
