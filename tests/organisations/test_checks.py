"""What is made is checked, and a run that somebody breaks off tells how far it came."""

import os
import signal
from collections.abc import Iterator
from pathlib import Path

import pytest

from harness.waiting import wait_until
from tests.update.history import FIRST, SECOND, commit_all, git

from .fleets import Fleet, Ran

QUESTIONS = """\
_subdirectory: template
project_name: { type: str, default: "{{ _copier_conf.dst_path.name }}" }
"""
ANSWERS = "{{ _copier_answers | to_nice_yaml }}"
MAKEFILE = "setup:\n\t@touch set-up\ncheck:\n\t@test -e set-up\n\t@{}\n"
PASSES = "true"
FAILS = "if [ {{ project_name }} = bad ]; then echo two tests fail >&2; exit 1; fi"
WAITS = "touch ../{{ project_name }}.begun; until [ -e ../go ]; do sleep 0.05; done"
WITHIN = 60.0


def release(folder: Path, tag: str, check: str) -> None:
    """Release a template as small as one can be, whose services check themselves like this."""
    template = folder / "template"
    if not template.exists():
        template.mkdir(parents=True)
        git(folder, "init", "--quiet", "--initial-branch", "main")
        (folder / "copier.yml").write_text(QUESTIONS, encoding="utf-8")
        (template / "{{ _copier_conf.answers_file }}.jinja").write_text(ANSWERS, encoding="utf-8")
        (template / ".gitignore").write_text("set-up\n", encoding="utf-8")
    (template / "Makefile.jinja").write_text(MAKEFILE.format(check), encoding="utf-8")
    commit_all(folder, f"Release {tag}")
    git(folder, "tag", tag)


@pytest.fixture
def fleet(tmp_path: Path) -> Fleet:
    return Fleet(tmp_path / "fleet", tmp_path / "template")


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
