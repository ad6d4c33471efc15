"""`scripts.leftovers` of a generated repo: conflicts that an update left must fail the checks."""

import subprocess
import sys
from pathlib import Path

import pytest

LEFTOVERS = Path(__file__).parents[2] / "template" / "scripts" / "leftovers.py"
CONFLICT = "a\n<<<<<<< before updating\nb\n=======\nc\n>>>>>>> after updating\n"


def check(root: Path) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, str(LEFTOVERS)]
    return subprocess.run(command, cwd=root, capture_output=True, text=True, check=False)


@pytest.fixture(params=["with git", "without git"])
def root(request: pytest.FixtureRequest, tmp_path: Path) -> Path:
    if request.param == "with git":
        subprocess.run(["git", "init", "--quiet", tmp_path], check=True)
    (tmp_path / "README.md").write_text("Title\n=======\n\n> quoted\n>>>> deeper\n")
    (tmp_path / "logo.png").write_bytes(bytes(range(256)))
    return tmp_path


def test_a_clean_tree_passes_without_a_word(root: Path) -> None:
    done = check(root)
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")


@pytest.mark.parametrize("name", ["app/routes.py", ".github/workflows/ci.yml"])
def test_conflict_markers_fail_and_are_named(root: Path, name: str) -> None:
    (root / name).parent.mkdir(parents=True)
    (root / name).write_text(CONFLICT)
    done = check(root)
    assert done.returncode == 1
    assert f"{name}: has conflict markers" in done.stderr


def test_rejected_changes_fail_and_are_named(root: Path) -> None:
    (root / "Makefile.rej").write_text("@@ -1 +1 @@\n")
    done = check(root)
    assert done.returncode == 1
    assert "Makefile.rej: is a change that did not apply" in done.stderr


def test_installed_packages_are_not_looked_at(root: Path) -> None:
    (root / ".gitignore").write_text(".venv/\n")
    (root / ".venv").mkdir()
    (root / ".venv" / "package.py").write_text(CONFLICT)
    assert check(root).returncode == 0
