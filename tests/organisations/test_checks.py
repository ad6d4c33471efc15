"""What is made is checked, and what fails is told until it passes."""

from pathlib import Path

from tests.update.history import FIRST, SECOND, git

from .fleets import Fleet
from .small import PASSES, release

FAILS = "if [ {{ project_name }} = bad ]; then echo two tests fail >&2; exit 1; fi"


def test_a_check_that_fails_is_told_and_stops_no_other(fleet: Fleet) -> None:
    release(fleet.template, FIRST, FAILS)
    fleet.write({"bad": {}, "good": {}})
    ran = fleet.run("apply", "--check", "--json")
    assert ran.code == 1, ran.said
    assert ran.states == {"bad": "check failed", "good": "generated"}
    assert ran.rows["bad"]["next_step"].startswith("make setup && make check: ")
    # It is there to be mended.
    assert git(fleet.folder / "bad", "status", "--porcelain") == ""


def test_a_failed_check_of_an_update_leaves_its_branch(fleet: Fleet) -> None:
    release(fleet.template, FIRST, PASSES)
    fleet.write({"bad": {}, "good": {}})
    assert fleet.run("apply", "--check").code == 0
    release(fleet.template, SECOND, FAILS)
    ran = fleet.run("apply", "--check", "--json")
    assert ran.code == 1, ran.said
    assert ran.states == {"bad": "check failed", "good": "updated on a branch"}
    branch = f"template/{SECOND}"
    assert ran.rows["bad"]["next_step"].startswith(f"git switch {branch} && make setup")
    assert "two tests fail" in git(fleet.folder / "bad", "show", f"{branch}:Makefile")
    assert "two tests fail" not in (fleet.folder / "bad" / "Makefile").read_text("utf-8")


def test_a_check_that_failed_is_told_until_it_passes(fleet: Fleet, tmp_path: Path) -> None:
    mended = tmp_path / "mended"
    needs = f"test -e {mended} || {{ echo no server >&2; exit 1; }}"
    release(fleet.template, FIRST, PASSES)
    fleet.write({"one": {}})
    assert fleet.run("apply").code == 0
    release(fleet.template, SECOND, needs)
    fleet.write({"one": {}, "other": {}})
    both = {"one": "check failed", "other": "check failed"}
    for options in (["--check"], [], ["--check"]):
        ran = fleet.run("apply", "--json", *options)
        assert (ran.code, ran.states) == (1, both), ran.said
    assert ran.rows["one"]["next_step"].startswith(f"git switch template/{SECOND} && make setup")
    assert not (fleet.folder / "one" / "set-up").exists()
    mended.touch()
    ran = fleet.run("apply", "--check", "--json")
    assert (ran.code, ran.states) == (0, {"one": "branch waits", "other": "current"}), ran.said
    ran = fleet.run("apply", "--json")
    assert (ran.code, ran.states) == (0, {"one": "branch waits", "other": "current"}), ran.said
    assert not fleet.leftovers()
