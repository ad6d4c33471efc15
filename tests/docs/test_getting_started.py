"""docs/getting-started.md, typed from its first to its last command into one shell."""

import os
import subprocess
import sys
from pathlib import Path

from harness.project import environment
from harness.waiting import free_port

from .markdown import ROOT, blocks

DOCUMENT = ROOT / "docs" / "getting-started.md"
# There is no terminal to press Ctrl-C at.
STOP = """
stop() { kill %1; wait; make services-stop; }
trap stop EXIT
"""
SECONDS = 600


def test_its_commands_lead_to_a_row_that_is_written_and_read(tmp_path: Path) -> None:
    generate, start, call = blocks(DOCUMENT, "bash")
    port = str(free_port())
    # The template as it is now, and no port that somebody else may have.
    generate = generate.replace("copier copy", "copier copy --vcs-ref HEAD")
    done = subprocess.run(
        ["bash", "-euo", "pipefail", "-c", generate + start + STOP + call.replace("8000", port)],
        cwd=tmp_path,
        env=_newcomer(tmp_path) | {"PORT": port, "TEMPLATE": str(ROOT)},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=SECONDS,
        check=False,
    )
    assert done.returncode == 0, f"{done.stdout[-3000:]}\n{done.stderr[-3000:]}"
    assert done.stdout.count('"content":"Hello"') == 2


def _newcomer(home: Path) -> dict[str, str]:
    tools = home / "bin"
    tools.mkdir()
    (tools / "copier").symlink_to(Path(sys.prefix) / "bin" / "copier")
    names = {f"GIT_{who}_NAME": "Newcomer" for who in ("AUTHOR", "COMMITTER")}
    addresses = {f"GIT_{who}_EMAIL": "newcomer@example.com" for who in ("AUTHOR", "COMMITTER")}
    path = f"{tools}{os.pathsep}{environment()['PATH']}"
    return environment({"PATH": path} | names | addresses)
