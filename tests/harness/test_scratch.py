import tempfile
from pathlib import Path

import pytest

from harness import scratch


@pytest.fixture(autouse=True)
def plenty(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("TMPDIR", raising=False)
    monkeypatch.setattr(tempfile, "tempdir", "/usual")
    monkeypatch.setattr(scratch, "LEAST_MEMORY", 0)
    monkeypatch.setattr(scratch, "LEAST_ROOM", 0)


def test_memory_is_taken_where_it_is_plenty(tmp_path: Path) -> None:
    assert scratch.scratch(tmp_path) == str(tmp_path)


@pytest.mark.parametrize("scarce", ["LEAST_MEMORY", "LEAST_ROOM"])
def test_memory_is_left_where_it_is_scarce(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, scarce: str
) -> None:
    monkeypatch.setattr(scratch, scarce, 2**60)
    assert scratch.scratch(tmp_path) == "/usual"


def test_what_the_caller_wants_comes_first(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TMPDIR", "/wanted")
    assert scratch.scratch(tmp_path) == "/usual"


def test_a_folder_that_nobody_can_write_is_left() -> None:
    assert scratch.scratch(Path("/no/such/folder")) == "/usual"


def test_the_memory_that_is_left_is_read_in_bytes(tmp_path: Path) -> None:
    told = tmp_path / "meminfo"
    told.write_text("MemTotal: 24 kB\nMemAvailable:   16 kB\n", encoding="ascii")
    assert scratch.available(told) == 16 * 1024
    assert scratch.available(tmp_path / "none") == 0
