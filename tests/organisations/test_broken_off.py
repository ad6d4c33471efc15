"""A run that somebody breaks off loses nothing, and two runs do not meet."""

import os
import signal
from collections.abc import Iterator
from pathlib import Path

import pytest

from harness.waiting import wait_until
from tests.update.history import FIRST

from .fleets import Fleet, Ran, killed
from .small import release

WAITS = "touch ../{{ project_name }}.begun; until [ -e ../go ]; do sleep 0.05; done"
WITHIN = 60.0


@pytest.fixture
def ctrl_c_is_heard() -> Iterator[None]:
    """Undo what shells do to background jobs: these ignore Ctrl-C, and so would what they start."""
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    yield
    signal.signal(signal.SIGINT, before)


@pytest.mark.usefixtures("ctrl_c_is_heard")
def test_ctrl_c_ends_with_the_table_so_far_and_the_next_run_goes_on(fleet: Fleet) -> None:
    release(fleet.template, FIRST, WAITS)
    fleet.write({"first": {}, "second": {}, "third": {}})
    process = fleet.start("apply", "--check", "--json", "--jobs", "1")
    wait_until((fleet.folder / "first.begun").exists, "the first check", WITHIN)
    # As a terminal does: to the command and whatever it has started in its group.
    os.killpg(process.pid, signal.SIGINT)
    # What the command says of it comes before it waits for the check.
    assert process.stderr is not None
    said = ""
    while "Interrupted" not in said:
        line = process.stderr.readline()
        assert line, said
        said += line
    (fleet.folder / "go").touch()
    out, said = process.communicate(timeout=WITHIN)
    ran = Ran(process.returncode, out, said)
    assert ran.code == 130, ran.said
    assert ran.states == {"first": "generated", "second": "not reached", "third": "not reached"}
    assert "Traceback" not in ran.said
    assert not fleet.leftovers()

    again = fleet.run("apply", "--check", "--json")
    assert again.code == 0, again.said
    assert again.states == {"first": "current", "second": "generated", "third": "generated"}


def test_a_second_run_of_a_file_is_refused(fleet: Fleet) -> None:
    release(fleet.template, FIRST, WAITS)
    fleet.write({"first": {}})
    process = fleet.start("apply", "--check", "--json")
    wait_until((fleet.folder / "first.begun").exists, "the first check", WITHIN)
    second = fleet.run("apply")
    assert (second.code, second.out) == (1, "") and "another run is under way" in second.said
    (fleet.folder / "go").touch()
    out, said = process.communicate(timeout=WITHIN)
    assert Ran(process.returncode, out, said).states == {"first": "generated"}


@pytest.mark.parametrize("ends", [True, False], ids=["killed", "alive"])
def test_a_run_waits_for_what_another_has_begun_in_the_folder(
    fleet: Fleet, tmp_path: Path, ends: bool
) -> None:
    release(fleet.template, FIRST)
    fleet.write({"first": {}, "second": {}})
    another = Fleet(fleet.folder, fleet.template, "another.yml")
    another.write({"third": {}})
    # What git runs before it commits: so a step goes on for as long as the test wants.
    hook = tmp_path / "git" / "hooks" / "pre-commit"
    hook.parent.mkdir(parents=True)
    begun, go = tmp_path / "begun", tmp_path / "go"
    hook.write_text(f"#!/bin/sh\ntouch {begun}; until [ -e {go} ]; do sleep 0.05; done\n")
    hook.chmod(0o755)

    first = fleet.start("apply", "--json", GIT_TEMPLATE_DIR=str(tmp_path / "git"))
    wait_until(begun.exists, "a commit", WITHIN)
    if ends:
        killed(first)
    process = another.start("apply", "--json")
    assert process.stderr is not None
    assert "waiting for what another run has begun" in process.stderr.readline()
    assert fleet.leftovers()
    go.touch()
    out, said = process.communicate(timeout=WITHIN)
    ran = Ran(process.returncode, out, said)
    assert (ran.code, ran.states) == (0, {"third": "generated"}), said
    if not ends:
        out, said = first.communicate(timeout=WITHIN)
        assert set(Ran(first.returncode, out, said).states.values()) == {"generated"}, said
    assert not fleet.leftovers()
