"""What the documents hold that can be checked."""

import re
from pathlib import Path
from typing import NamedTuple

ROOT = Path(__file__).resolve().parents[2]
DOCUMENTS = [ROOT / "README.md", ROOT / "CHANGELOG.md", *sorted((ROOT / "docs").rglob("*.md"))]
FENCE = re.compile(r"^( *)```(\w+)\n(.*?)^\1```$", re.MULTILINE | re.DOTALL)
LINK = re.compile(r"\]\((?!https?:)([^)#]+)[^)]*\)")
PATH = re.compile(r"`((?:docs|tests|extensions|harness|demo|template)/[\w./-]*)`")


class Block(NamedTuple):
    language: str
    text: str


def blocks(document: Path, language: str) -> list[str]:
    found = [Block(*match.group(2, 3)) for match in FENCE.finditer(document.read_text("utf-8"))]
    return [block.text for block in found if block.language == language]


def block(document: Path, language: str, containing: str) -> str:
    """The one block that holds this."""
    (found,) = [text for text in blocks(document, language) if containing in text]
    return found
