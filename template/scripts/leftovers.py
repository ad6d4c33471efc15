"""Fails on what a template update may leave behind: conflict markers and `.rej` files.

Conflicts do not fail an update, so something else has to notice that they were never resolved.
"""

import os
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

# The middle of a conflict is left out: in plain text it also underlines headings.
MARKER = re.compile(rb"^(<{7}|>{7})( |\r?$)", re.MULTILINE)
LISTING = ["git", "ls-files", "--cached", "--others", "--exclude-standard", "-z"]
NOT_OURS = {".git", ".services", ".tools", ".venv", "dist", "node_modules"}


def main() -> None:
    found = [f"{path}: {what}" for path in files() if (what := leftover(path))]
    if found:
        sys.exit("\n".join(["Left over from an update:", *sorted(found)]))


def leftover(path: Path) -> str | None:
    if path.suffix == ".rej":
        return "is a change that did not apply"
    return "has conflict markers" if MARKER.search(path.read_bytes()) else None


def files() -> Iterator[Path]:
    listed = subprocess.run(LISTING, capture_output=True, check=False)
    if listed.returncode == 0:
        names = {os.fsdecode(name) for name in listed.stdout.split(b"\0") if name}
        yield from (path for name in names if (path := Path(name)).is_file())
        return
    for folder, folders, names_there in os.walk("."):
        folders[:] = set(folders) - NOT_OURS
        yield from (Path(folder, name) for name in names_there)


if __name__ == "__main__":
    main()
