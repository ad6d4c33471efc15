"""`make upgrade` of a generated repo: pins move, and only when they fit together."""

import subprocess
import sys
from pathlib import Path

import pytest

UPGRADE = Path(__file__).parents[2] / "template" / "{{ on.language.python }}" / "scripts/upgrade.py"
PYPROJECT = """\
[project]
name = "small"
version = "0.1.0"
requires-python = ">=3.11"
dependencies = [
    "here==0.1.0", # stays
    "httpcore[asyncio]==1.0.1",
]

[dependency-groups]
dev = ["iniconfig==1.1.1"]
"""


@pytest.fixture
def root(tmp_path: Path) -> Path:
    (tmp_path / "pyproject.toml").write_text(PYPROJECT)
    (tmp_path / "constraints.txt").write_text("anyio==4.0.0\n")
    (tmp_path / "scripts" / "services").mkdir(parents=True)
    (tmp_path / "scripts" / "services" / "requirements.txt").write_text("psutil==6.0.0\n")
    (tmp_path / "packages" / "here").mkdir(parents=True)
    (tmp_path / "packages" / "here" / "pyproject.toml").write_text('[project]\nname = "Here"\n')
    return tmp_path


def upgrade(root: Path) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, str(UPGRADE)]
    return subprocess.run(command, cwd=root, capture_output=True, text=True, check=False)


def test_direct_and_transitive_pins_move_together(root: Path) -> None:
    done = upgrade(root)
    assert done.returncode == 0, done.stderr
    project = (root / "pyproject.toml").read_text()
    constraints = (root / "constraints.txt").read_text()
    services = (root / "scripts/services/requirements.txt").read_text()
    assert '"here==0.1.0", # stays' in project
    assert "httpcore[asyncio]==1.0.1" not in project
    for old in ("httpcore==1.0.1", "iniconfig==1.1.1", "anyio==4.0.0", "psutil==6.0.0"):
        assert old not in project + constraints + services
        assert f"\n{old.partition('==')[0]}==" in f"\n{constraints}"
    assert "://" not in constraints
    assert "here" not in constraints
    (pin,) = services.splitlines()
    assert pin in constraints.splitlines()


def test_nothing_changes_when_the_newest_do_not_fit(root: Path) -> None:
    with (root / "pyproject.toml").open("a") as project:
        project.write('odd = ["anyio<3", "anyio>3"]\n')
    before = {path: path.read_text() for path in root.rglob("*") if path.is_file()}
    done = upgrade(root)
    assert done.returncode == 1
    assert done.stderr.splitlines()[-1].startswith("upgrade: the newest versions do not fit")
    assert before == {path: path.read_text() for path in root.rglob("*") if path.is_file()}
