"""The bench of many services, with one of each stack."""

from pathlib import Path

from bench.organisations.__main__ import measure, section

SIZES = (2,)


def test_both_ways_are_timed_and_held_against_the_goals(tmp_path: Path) -> None:
    times = measure(tmp_path, SIZES)
    assert {tuple(by_size) for by_size in times.values()} == {SIZES}
    told = section(times, SIZES)
    assert told.count("goal") == 3 and "| updated by fleet |" in told
