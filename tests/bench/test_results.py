from pathlib import Path

import pytest

from bench.results import publish, table

FIGURES = """\
# Figures

<!-- begin: one -->
## One
<!-- end: one -->

<!-- begin: two -->
<!-- end: two -->
"""


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "RESULTS.md"
    path.write_text(FIGURES, encoding="utf-8")
    return path


def test_a_run_writes_its_own_section_and_no_other(file: Path) -> None:
    publish("two", "## Two\n\n\\1 of 2\n", file)
    publish("two", "## Two\n\n\\2 of 2\n", file)
    written = "<!-- begin: two -->\n## Two\n\n\\2 of 2\n<!-- end: two -->"
    assert file.read_text("utf-8") == FIGURES.replace(
        "<!-- begin: two -->\n<!-- end: two -->", written
    )


def test_a_section_without_a_place_is_an_error(file: Path) -> None:
    with pytest.raises(ValueError, match="no single section three"):
        publish("three", "## Three", file)
    assert file.read_text("utf-8") == FIGURES


def test_a_table_is_markdown() -> None:
    assert table(("", "ms"), [("ours", 3)]) == "|  | ms |\n| --- | ---: |\n| ours | 3 |"
