"""What an update leaves for a person to settle, asked of git in the destination."""

import subprocess
from pathlib import Path
from typing import Any

from jinja2 import pass_context
from jinja2.ext import Extension
from jinja2.runtime import Context


def _git(folder: Path, *arguments: str) -> list[str]:
    done = subprocess.run(["git", *arguments, "-z"], cwd=folder, capture_output=True, check=False)
    return [path for path in done.stdout.decode(errors="replace").split("\0") if path]


def unsettled(folder: Path) -> list[str]:
    """Return the files that hold conflict markers or have a rejected part beside them, sorted.

    A folder that is no git repository has none.
    """
    unmerged = _git(folder, "diff", "--name-only", "--relative", "--diff-filter=U")
    rejected = _git(folder, "ls-files", "--others", "--", "*.rej")
    return sorted({*unmerged, *rejected})


def removed(folder: Path) -> list[str]:
    """Return the files that are committed and not there any more, sorted."""
    return sorted(_git(folder, "ls-files", "--deleted"))


class ConflictsExtension(Extension):
    """Registers ``update_conflicts`` and ``update_removals`` for the message after an update."""

    def __init__(self, environment: Any) -> None:
        """Register the functions."""
        super().__init__(environment)

        @pass_context
        def update_conflicts(context: Context) -> list[str]:
            return unsettled(Path(context["_copier_conf"]["dst_path"]))

        @pass_context
        def update_removals(context: Context) -> list[str]:
            return removed(Path(context["_copier_conf"]["dst_path"]))

        functions: dict[str, Any] = {
            "update_conflicts": update_conflicts,
            "update_removals": update_removals,
        }
        environment.globals.update(functions)
