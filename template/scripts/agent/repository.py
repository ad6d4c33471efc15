"""The repo as the agent files may speak of it: its files, its make targets, the words of its code."""

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
# These tell of the code; what only they name is not there. The answers name what was not chosen.
NOT_CODE = ("*.md", "*.mdc", ".codex/*", ".copier-answers*.yml", "scripts/agent/*")
LARGEST_SOURCE = 1_000_000


class Repository:
    def __init__(self, root: Path) -> None:
        self.root = root

    @cached_property
    def files(self) -> tuple[str, ...]:
        """Every file that is, or would be, committed."""
        if (self.root / ".git").exists():
            command = ["git", "ls-files", "--cached", "--others", "--exclude-standard", "-z"]
            listed = subprocess.run(command, cwd=self.root, check=True, stdout=subprocess.PIPE)
            names = set(listed.stdout.decode().split("\0")) - {""}
            return tuple(sorted(name for name in names if (self.root / name).is_file()))
        return tuple(sorted(path.relative_to(self.root).as_posix() for path in self._walk()))

    def _walk(self) -> Iterator[Path]:
        for folder, folders, names in self.root.walk() if hasattr(self.root, "walk") else ():
            folders[:] = [name for name in folders if _is_ours(name)]
            yield from (folder / name for name in names)

    def read(self, path: str) -> str:
        return (self.root / path).read_text(encoding="utf-8")

    @cached_property
    def folders(self) -> frozenset[str]:
        return frozenset(
            parent.as_posix() for name in self.files for parent in Path(name).parents
        ) - {"."}

    @cached_property
    def generated(self) -> tuple[str, ...]:
        """What git ignores: commands make it, so that it need not be there."""
        if ".gitignore" not in self.files:
            return ()
        lines = (line.strip() for line in self.read(".gitignore").splitlines())
        return tuple(line.strip("/") for line in lines if line and not line.startswith(("#", "!")))

    def matches(self, pattern: str) -> list[str]:
        """The files that a path stands for: itself, a folder's content, or a pattern's matches."""
        pattern = pattern.removeprefix("./").rstrip("/")
        return [
            name
            for name in self.files
            if fnmatch(name, pattern) or fnmatch(name, f"{pattern}/*")
        ]

    def is_generated(self, path: str) -> bool:
        parts = Path(path).parts
        heads = ["/".join(parts[: count + 1]) for count in range(len(parts))]
        return any(fnmatch(head, pattern) for head in heads for pattern in self.generated)

    @cached_property
    def targets(self) -> frozenset[str]:
        found: set[str] = set()
        makefiles = ["Makefile"]
        for makefile in makefiles:
            if makefile not in self.files:
                continue
            text = self.read(makefile)
            found.update(*(match["names"].split() for match in TARGET.finditer(text)))
            for match in INCLUDE.finditer(text):
                makefiles += [name for name in match["files"].split() if name not in makefiles]
        return frozenset(found)

    @cached_property
    def code(self) -> dict[str, str]:
        """The text of each file that can prove that a name exists."""
        return {name: text for name in self.files if (text := self._source(name)) is not None}

    def _source(self, name: str) -> str | None:
        if any(fnmatch(name, pattern) for pattern in NOT_CODE):
            return None
        path = self.root / name
        if path.stat().st_size > LARGEST_SOURCE:
            return None
        try:
            return path.read_text(encoding="utf-8")
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
