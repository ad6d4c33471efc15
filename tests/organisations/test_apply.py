"""A fleet is started, lives on, and is brought to the next version: nothing is lost."""

import json
from pathlib import Path
from typing import Any

import pytest
import yaml

from harness.waiting import wait_until
from tests.update.history import FIRST, SECOND, Repo, Template, git

from .fleets import Fleet, killed

DEFAULTS = {"company_name": "Umbrella", "package_manager": "pip", "shared_logger_package": "u_log"}
# Of its own stack, whatever the organisation's default is for the other.
EXPRESS = {"backend_framework": "express", "package_manager": "npm"}
GOOD: dict[str, dict[str, Any]] = {
    "edited": {"key_entities": "orders"},
    "clashing": EXPRESS,
    "dirty": {},
    "grown": EXPRESS | {"key_entities": {"orders": {"sku": "string(1..40)"}}},
    "plain": {},
    "plain-express": EXPRESS,
    "shared": {"logging_lib": "shared"},
    "shared-express": EXPRESS | {"logging_lib": "shared"},
    "agenda": EXPRESS | {"queue_system": "agenda", "package_manager": "pnpm"},
    "gemini": {"agent_tools": ["gemini"]},
    "elsewhere": EXPRESS | {"api_structure": "service/app", "lib_path": "service/lib"},
}
REFUSED = {"refused": {"backend_framework": "cobol"}}
FIELDS = {"sku": "string(1..40)"}
GROWN = EXPRESS | {"key_entities": {"orders": FIELDS, "parcels": FIELDS}}
BRANCH = f"template/{SECOND}"
WITHIN = 120.0
LINE = "Ask before you delete anything."


def next_version(template: Path) -> None:
    agents = template / "AGENTS.md.jinja"
    first, rest = agents.read_text("utf-8").split("\n", 1)
    agents.write_text(f"{first} (next)\n{rest}", encoding="utf-8")


@pytest.fixture(scope="module")
def template(tmp_path_factory: pytest.TempPathFactory) -> Template:
    return Template(tmp_path_factory.mktemp("template") / "template")


def head(fleet: Fleet, name: str) -> str:
    return git(fleet.folder / name, "rev-parse", "HEAD")


def answers(fleet: Fleet, name: str) -> dict[str, Any]:
    text = (fleet.folder / name / ".copier-answers.yml").read_text("utf-8")
    found: dict[str, Any] = yaml.safe_load(text)
    return found


@pytest.fixture(scope="module")
def fleet(tmp_path_factory: pytest.TempPathFactory, template: Template) -> Fleet:
    """One fleet for the tests that follow each other, as they stand here."""
    return Fleet(tmp_path_factory.mktemp("acme") / "fleet", template.folder)


def test_killed_half_way_and_run_again_it_generates_all_that_can_be(fleet: Fleet) -> None:
    fleet.write(GOOD | REFUSED, defaults=DEFAULTS)
    process = fleet.start("apply", "--jobs", "2")
    wait_until(lambda: any((fleet.folder / name).exists() for name in GOOD), "a service", WITHIN)
    killed(process)
    for name in GOOD:
        if (fleet.folder / name).exists():
            assert git(fleet.folder / name, "status", "--porcelain") == ""

    begun = fleet.run("apply", "--json")
    assert begun.code == 1, begun.said
    made = {name: begun.states[name] for name in GOOD}
    assert set(made.values()) <= {"generated", "current"} and "generated" in made.values()
    assert begun.rows["refused"]["state"] == "refused"
    assert "cobol" in begun.rows["refused"]["next_step"]
    assert not (fleet.folder / "refused").exists()
    assert not fleet.leftovers()
    assert answers(fleet, "grown").items() >= {"company_name": "Umbrella"}.items()
    assert answers(fleet, "grown")["project_name"] == "grown"
    stacks = [begun.rows[name]["stack"].split()[0] for name in GOOD]
    assert (stacks.count("fastapi"), stacks.count("express"), len(begun.rows)) == (5, 6, 12)


def test_run_again_it_changes_nothing(fleet: Fleet) -> None:
    heads = {name: head(fleet, name) for name in GOOD}
    fleet.write(GOOD, defaults=DEFAULTS)
    again = fleet.run("apply", "--json")
    assert (again.code, set(again.states.values())) == (0, {"current"})
    assert heads == {name: head(fleet, name) for name in GOOD}


def teams_go_on(fleet: Fleet) -> None:
    edited, clashing, dirty = (Repo(fleet.folder / name) for name in list(GOOD)[:3])
    edited.write("AGENTS.md", f"{edited.read('AGENTS.md')}\n{LINE}\n")
    edited.commit()
    title = clashing.read("AGENTS.md").split("\n", 1)[0]
    clashing.replace("AGENTS.md", title, f"{title}, ours")
    clashing.commit()
    dirty.write("README.md", "Half a thought")


def test_updates_stand_on_branches_and_what_is_checked_out_is_left_alone(
    fleet: Fleet, template: Template
) -> None:
    teams_go_on(fleet)
    template.release(SECOND, next_version)
    fleet.write(GOOD | {"grown": GROWN} | REFUSED, defaults=DEFAULTS)
    heads = {name: head(fleet, name) for name in GOOD}

    # Killed in the midst of updates as well.
    process = fleet.start("apply", "--jobs", "2")
    wait_until(lambda: list(fleet.folder.glob(".fleet-*/*/AGENTS.md")), "a worktree", WITHIN)
    killed(process)
    updated = fleet.run("apply", "--json")
    assert updated.code == 1, updated.said
    rows = updated.rows
    settled = {"updated on a branch", "branch waits"}
    assert rows["edited"]["state"] in settled and rows["edited"]["branch"] == BRANCH
    assert rows["grown"]["state"] in settled
    assert rows["clashing"]["state"] == "conflicts"
    assert rows["clashing"]["conflicts"] == ["AGENTS.md"]
    assert rows["dirty"]["state"] == "dirty"
    assert rows["refused"]["state"] == "refused"
    assert {rows[name]["state"] for name in list(GOOD)[4:]} <= settled
    assert not fleet.leftovers()

    # Nothing that was checked out has changed, and no worktree is left behind.
    assert heads == {name: head(fleet, name) for name in GOOD}
    assert (fleet.folder / "dirty" / "README.md").read_text("utf-8") == "Half a thought"
    for name in GOOD:
        assert git(fleet.folder / name, "worktree", "list").count("\n") == 1
    for name in ("edited", "clashing", "grown"):
        assert git(fleet.folder / name, "status", "--porcelain") == ""


def test_the_branches_bring_the_new_version_with_the_work_of_the_team(fleet: Fleet) -> None:
    rows = fleet.run("apply", "--json").rows
    agents = git(fleet.folder / "edited", "show", f"{BRANCH}:AGENTS.md")
    assert agents.rstrip().endswith(LINE) and " (next)" in agents.split("\n", 1)[0]
    assert (rows["edited"]["state"], rows["clashing"]["state"]) == ("branch waits", "conflicts")
    brought = git(fleet.folder / "grown", "ls-tree", "-r", "--name-only", rows["grown"]["branch"])
    assert "src/parcels/routes.ts" in brought


def test_merged_and_cleaned_up_all_is_well(fleet: Fleet) -> None:
    rows = fleet.run("apply", "--json").rows
    for name in ("edited", "grown"):
        git(fleet.folder / name, "merge", "--quiet", rows[name]["branch"])
    Repo(fleet.folder / "dirty").restore()
    fleet.write(
        {name: GOOD[name] for name in ("edited", "dirty")} | {"grown": GROWN}, defaults=DEFAULTS
    )
    table = fleet.run("apply")
    assert table.code == 0, table.out
    for heading in ("service", "stack", "template", "state", "conflicts", "next step"):
        assert heading in table.out
    assert table.out.count("current") == 2 and "updated on a branch" in table.out
    assert f"git merge {BRANCH}" in table.out


def test_status_reads_the_answers_files_and_nothing_else(tmp_path: Path) -> None:
    fleet = Fleet(tmp_path / "fleet", tmp_path / "no-template-at-all")
    for name, version in (("old", FIRST), ("new", SECOND)):
        (fleet.folder / name).mkdir()
        recorded = {"_commit": version, "backend_framework": "fastapi", "key_entities": ["a"]}
        file = fleet.folder / name / ".copier-answers.yml"
        file.write_text(yaml.safe_dump(recorded), encoding="utf-8")
    fleet.write({"old": {}, "new": {"key_entities": "[a]"}, "absent": {}}, version=SECOND)
    ran = fleet.run("status", "--json")
    assert ran.states == {"old": "behind", "new": "current", "absent": "missing"}
    assert ran.code == 0
    assert ran.rows["old"]["stack"] == "fastapi" and ran.rows["old"]["version"] == FIRST
    (fleet.folder / "old" / ".copier-answers.yml").write_text("{", encoding="utf-8")
    ran = fleet.run("status", "--json")
    assert ran.code == 1 and ran.states["old"] == "not of this template"


def test_a_folder_of_somebody_else_is_left_alone(tmp_path: Path, template: Template) -> None:
    fleet = Fleet(tmp_path / "fleet", template.folder)
    theirs = fleet.folder / "theirs"
    theirs.mkdir()
    (theirs / "notes.txt").write_text("mine", encoding="utf-8")
    fleet.write({"theirs": {}})
    ran = fleet.run("apply", "--json")
    assert ran.code == 1 and ran.states == {"theirs": "not of this template"}
    assert [path.name for path in theirs.iterdir()] == ["notes.txt"]


def test_a_template_without_that_version_is_told_before_anything_is_made(
    tmp_path: Path, template: Template
) -> None:
    fleet = Fleet(tmp_path / "fleet", template.folder)
    fleet.write({"a": {}}, version="9.9.9")
    ran = fleet.run("apply")
    assert ran.code == 2 and "has no version 9.9.9" in ran.said
    assert json.dumps([path.name for path in fleet.folder.iterdir()]) == '["fleet.yml"]'
