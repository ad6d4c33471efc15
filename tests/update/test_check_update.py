"""The weekly job keeps one issue open while the repo is behind. GitHub is played by a stand-in for
its command line, pipx by the Copier of this environment; the rest is real."""

import json
import os
import shutil
import stat
import subprocess
import sys
from pathlib import Path

import pytest

from .history import FIRST, RELEASES, Repo, git

GH = """#!{python}
import json, pathlib, sys
state = pathlib.Path({state!r})
issues = json.loads(state.read_text()) if state.exists() else []
words = sys.argv[1:]
option = lambda name: words[words.index(name) + 1]
open_ones = [issue for issue in issues if issue["open"]]
match words[:2]:
    case ["issue", "list"]:
        print(open_ones[0]["number"] if open_ones else "")
    case ["issue", "create"]:
        issues.append(dict(number=len(issues) + 1, open=True, title=option("--title")))
    case ["issue", "edit"]:
        issues[int(words[2]) - 1]["title"] = option("--title")
    case ["issue", "close"]:
        issues[int(words[2]) - 1]["open"] = False
    case ["label", "create"]:
        pass
    case _:
        sys.exit(f"what is gh {{words}}?")
state.write_text(json.dumps(issues))
"""
PIPX = """#!/bin/sh
[ "$1 $2" = "run copier==9.19.1" ] || exit 64
shift 2
exec {python} -m copier "$@"
"""
JQ = """#!{python}
import json, sys
value = json.load(sys.stdin)[sys.argv[-1].removeprefix(".")]
print(value if isinstance(value, str) else json.dumps(value))
"""


def tool(folder: Path, name: str, text: str) -> None:
    path = folder / name
    path.write_text(text)
    path.chmod(path.stat().st_mode | stat.S_IXUSR)


@pytest.fixture
def tools(tmp_path: Path) -> Path:
    folder = tmp_path / "tools"
    folder.mkdir()
    tool(folder, "gh", GH.format(python=sys.executable, state=str(tmp_path / "issues.json")))
    tool(folder, "pipx", PIPX.format(python=sys.executable))
    if shutil.which("jq") is None:
        tool(folder, "jq", JQ.format(python=sys.executable))
    return folder


def test_one_issue_is_open_while_the_repo_is_behind(
    repo: Repo, tools: Path, tmp_path: Path
) -> None:
    def weekly() -> list[dict[str, object]]:
        path = os.pathsep.join([str(tools), os.environ["PATH"]])
        done = subprocess.run(
            ["bash", ".github/template-update.sh"],
            cwd=repo.folder,
            env=os.environ | {"PATH": path},
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 0, done.stderr
        state = tmp_path / "issues.json"
        issues: list[dict[str, object]] = json.loads(state.read_text())
        return issues

    said = {"number": 1, "open": True, "title": f"Version {RELEASES[-1]} of the template is out"}
    assert weekly() == [said]
    assert weekly() == [said]
    assert FIRST in repo.read(".copier-answers.yml")
    assert repo.update(tag=RELEASES[-1]).code == 0
    repo.commit()
    assert weekly() == [said | {"open": False}]
    assert git(repo.folder, "status", "--porcelain") == ""
