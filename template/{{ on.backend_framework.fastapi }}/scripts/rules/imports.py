"""R6: what serves requests cannot reach what calls other systems; the contracts say it."""

import os
import re
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

from . import waits
from .project import ROOT, SOURCE_ROOTS
from .verdict import Verdict, count, verdict

CONTRACTS = ".importlinter"
KEPT = re.compile(r"(\d+) kept, (\d+) broken")
ANALYZED = re.compile(r"Analyzed (\d+) files, (\d+) dependencies")


def check() -> Verdict:
    with tempfile.TemporaryDirectory() as folder:
        _show_as_packages(Path(folder))
        program = Path(sys.executable).with_name("lint-imports")
        done = subprocess.run(
            [program, "--no-cache", "--no-logo", "--config", ROOT / CONTRACTS],
            # Where it looks for modules first.
            cwd=folder,
            # Wide enough that no chain of imports is wrapped.
            env={**os.environ, "PYTHONPATH": str(ROOT), "COLUMNS": "400"},
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            check=False,
        )
    output = done.stdout
    kept = KEPT.search(output)
    if kept is None:
        return verdict(CONTRACTS, "none", [f"{CONTRACTS}: {output.strip()}: mend the contracts"])
    analyzed = ANALYZED.search(output)
    files, dependencies = analyzed.groups() if analyzed else ("0", "0")
    served = waits.served()
    return verdict(
        f"{files} modules, {dependencies} imports; {count(len(served), 'module')} that serve",
        f"{count(int(kept[1]), 'contract')} of {CONTRACTS} kept, no call that waits",
        [*_broken(output), *waits.slow_calls(served)],
    )


def _show_as_packages(folder: Path) -> None:
    """import-linter reads packages alone: a module beside them is shown to it as one."""
    for name in SOURCE_ROOTS:
        if name.endswith(".py"):
            package = folder / name.removesuffix(".py")
            package.mkdir()
            (package / "__init__.py").symlink_to(ROOT / name)


def _broken(output: str) -> Iterator[str]:
    """The chains of imports, each with the line of every step: the last one is to go."""
    steps = [" ".join(line.split()) for line in output.splitlines() if " -> " in line]
    for chain in re.split(r"\n?- ", "\n".join(steps)):
        if chain:
            path = ", ".join(chain.split("\n"))
            yield f"{path}: break the chain and leave the work to a job (see {CONTRACTS})"
