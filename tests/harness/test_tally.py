"""Numbers of several processes meet in one report."""

from pathlib import Path

import pytest

from harness import tally


@pytest.fixture(autouse=True)
def file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    path = tmp_path / "cache" / "tally.jsonl"
    monkeypatch.setattr(tally, "FILE", path)
    return path


def test_numbers_of_one_subject_are_summed_and_subjects_keep_their_order() -> None:
    tally.count("kills", sent=1000, lost=0)
    tally.count("teeth", patches=12)
    tally.count("kills", sent=234, lost=0)
    assert tally.totals() == {"kills": {"sent": 1234, "lost": 0}, "teeth": {"patches": 12}}
    assert tally.report() == "  kills  sent 1,234 · lost 0\n  teeth  patches 12"


def test_a_run_that_counts_nothing_tells_nothing() -> None:
    assert tally.report() == ""
