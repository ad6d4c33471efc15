"""What the documents say of the template is so."""

import re
import subprocess
import sys
from pathlib import Path

import pytest

from .markdown import DOCUMENTS, LINK, PATH, ROOT, blocks

README = ROOT / "README.md"


def test_the_reference_says_what_the_questions_are() -> None:
    command = [sys.executable, "-W", "ignore", "-m", "docs.questions", "--check"]
    told = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert told.returncode == 0, told.stderr


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: str(path.relative_to(ROOT)))
def test_links_and_paths_lead_somewhere(document: Path) -> None:
    text = document.read_text("utf-8")
    dead = [link for link in LINK.findall(text) if not (document.parent / link).exists()]
    # Here, or in every repo that is generated from here.
    dead += [
        path
        for path in PATH.findall(text)
        if not (ROOT / path).exists() and not (ROOT / "template" / f"{path}.jinja").exists()
    ]
    assert not dead


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: str(path.relative_to(ROOT)))
def test_commands_stand_where_they_are_executed(document: Path) -> None:
    # In test_commands.py, test_getting_started.py and tests/organisations.
    documents = ("getting-started.md", "organisations.md")
    executed = {README, *(ROOT / "docs" / name for name in documents)}
    assert document in executed or not blocks(document, "bash")


def test_make_targets_that_the_documents_name_are_there() -> None:
    here = (ROOT / "Makefile").read_text("utf-8")
    for target in re.findall(r"^make ([\w-]+)", README.read_text("utf-8"), re.MULTILINE)[:2]:
        assert re.search(rf"^{target}:", here, re.MULTILINE), target
