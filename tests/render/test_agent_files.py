"""The agent files: each tool gets the role in its own form, about this repo and no other."""

import re
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest
from pytest_copier.plugin import CopierFixture

from .agent_files import ALL_TOOLS, FIELDS, GUIDES, MARKED, REGIONS, ROLES, agent, split
from .conftest import ROOT, SETS, Render, read_answers


@pytest.fixture
def project(rendered: Render, tmp_path: Path) -> Path:
    """A repo with the files of every tool, to be spoilt."""
    return Path(shutil.copytree(rendered(ALL_TOOLS).path, tmp_path / "shop"))


def test_what_all_stacks_share_names_none(questions: dict[str, Any]) -> None:
    shared = [
        ROOT / "template" / "AGENTS.md.jinja",
        *(ROOT / "macros" / "agent").glob("*.md"),
        *(ROOT / "template" / "scripts" / "agent").glob("*.py"),
    ]
    choices = {
        choice["value"]
        for name in ("backend_framework", "database_system", "orm_tool", "queue_system")
        for choice in questions[name]["choices"].values()
    }
    for path in shared:
        words = set(re.findall(r"[a-z_]+", path.read_text(encoding="utf-8").lower()))
        assert words & choices == set(), path


def test_each_framework_brings_its_own_names(questions: dict[str, Any]) -> None:
    for choice in questions["backend_framework"]["choices"].values():
        assert (ROOT / "macros" / "stacks" / f"{choice['value']}.jinja").is_file()


@pytest.mark.parametrize("name", SETS)
def test_a_fresh_repo_passes_its_own_check(rendered: Render, name: str) -> None:
    code, output = agent(rendered(name).path, "--check")
    assert output.endswith("agree with the code\n"), output
    assert code == 0


@pytest.mark.parametrize("name", SETS)
def test_each_chosen_tool_gets_its_files_and_no_other(rendered: Render, name: str) -> None:
    project = rendered(name)
    for tools in (ROLES, GUIDES):
        for tool, path in tools.items():
            assert (project.path / path).is_file() == (tool in project.answers["agent_tools"])
    assert (project.path / "AGENTS.md").is_file()


def test_the_guides_only_lead_to_the_facts(project: Path) -> None:
    for path in GUIDES.values():
        text = (project / path).read_text()
        assert "AGENTS.md" in text
        assert len(text.split()) < 60


@pytest.mark.parametrize("tool", ROLES)
def test_each_tool_finds_the_fields_it_reads(project: Path, tool: str) -> None:
    fields, _ = split(project / ROLES[tool])
    assert set(fields) == FIELDS[tool]
    assert all(value not in ("", [], None) for value in fields.values())
    assert fields.get("name", "backend-architect") == "backend-architect"
    assert "Use proactively" in fields["description"]
    assert "Not for" in fields["description"]
    assert fields.get("model", "inherit") == "inherit"
    assert fields.get("alwaysApply", False) is False


def test_every_tool_gets_the_same_role(project: Path) -> None:
    assert len({split(project / path)[1] for path in ROLES.values()}) == 1


@pytest.mark.parametrize("name", SETS)
def test_the_role_has_a_readable_size(rendered: Render, name: str) -> None:
    project = rendered(name)
    tool = project.answers["agent_tools"][0]
    path = project.path / ROLES[tool]
    _, body = split(path)
    prose = re.sub(
        r"<!--.*?-->", "", re.sub(r"^```.*?^```$", "", body, flags=re.MULTILINE | re.DOTALL)
    )
    assert 600 <= len(re.findall(r"\S*\w\S*", prose)) <= 820
    assert len(body) < 25_000
    assert len((project.path / "AGENTS.md").read_text().splitlines()) < 125


@pytest.mark.parametrize("name", SETS)
def test_the_role_shows_each_pattern_as_the_code_has_it(rendered: Render, name: str) -> None:
    project = rendered(name)
    _, body = split(project.path / ROLES[project.answers["agent_tools"][0]])
    shown = {match["region"]: match for match in MARKED.finditer(body)}
    assert list(shown) == REGIONS
    for region, match in shown.items():
        lines = match["code"].splitlines()
        assert 8 <= len(lines) <= 60, region
        source = (project.path / match["path"]).read_text()
        assert all(line.strip() in source for line in lines), region


@pytest.mark.parametrize(
    ("name", "named", "unnamed"),
    [
        ("defaults", ["structlog", "uv pip"], ["kit_logger", "`limits`", "python -m pip"]),
        ("other_options", ["kit_logger", "`limits`", "python -m pip"], ["structlog", "uv "]),
    ],
)
def test_only_what_was_chosen_is_named(
    rendered: Render, name: str, named: list[str], unnamed: list[str]
) -> None:
    project = rendered(name)
    role = project.path / ROLES[project.answers["agent_tools"][0]]
    text = (project.path / "AGENTS.md").read_text() + role.read_text()
    assert [word for word in named if word not in text] == []
    assert [word for word in unnamed if word in text] == []


def test_the_facts_name_the_domain(project: Path) -> None:
    text = (project / "AGENTS.md").read_text()
    answers = read_answers(SETS[ALL_TOOLS])
    assert answers["company_name"] in text
    for integration, purpose in answers["external_apis"].items():
        assert f"`{integration.replace('_', '-')}`: {purpose}" in text
    for slug in ("order-items", "sales-orders", "feedback"):
        assert f"`/public/v2/{slug}`" in text
    assert "Main entity: `customers`" in text
    for number in range(1, 11):
        assert re.search(rf"R{number}\b", text)


def test_a_refresh_of_a_fresh_repo_changes_nothing(project: Path) -> None:
    before = {path: (project / path).read_bytes() for path in ROLES.values()}
    code, output = agent(project)
    assert (code, output.count("wrote")) == (0, 0), output
    assert {path: (project / path).read_bytes() for path in ROLES.values()} == before


def test_a_refresh_follows_the_code_in_every_tool(project: Path) -> None:
    source = project / "src/config/limits.py"
    source.write_text(
        source.read_text().replace("LOW_HEALTH: Final = 50", "LOW_HEALTH: Final = 40")
    )
    code, output = agent(project, "--check")
    assert code == 1
    assert (
        "is not region api-constants of src/config/limits.py any more → run `make agent`" in output
    )
    code, output = agent(project)
    assert code == 0, output
    for path in ROLES.values():
        assert f"wrote {path}" in output
        assert "LOW_HEALTH: Final = 40" in (project / path).read_text()


def test_git_decides_what_belongs_to_the_repo(project: Path) -> None:
    git = ["git", "-c", "user.name=t", "-c", "user.email=t@example.test"]
    subprocess.run([*git, "init", "--quiet"], cwd=project, check=True)
    code, output = agent(project, "--check")
    assert code == 0, output
    with (project / ".gitignore").open("a") as ignored:
        ignored.write("/migrations/access.py\n")
    code, output = agent(project, "--check")
    assert code == 1
    assert "the excerpt's file migrations/access.py does not exist" in output


def test_a_name_that_needs_quoting_everywhere(copier: CopierFixture, tmp_path: Path) -> None:
    answers = {
        "company_name": "`A`: [b] #1 '''c''' \"d\" \\ {e} é",
        "agent_tools": list(ROLES),
        "external_apis": {"apideck": "`CRM`: sync | #1 [x] \"y\" 'z'"},
    }
    project = copier.copy(tmp_path / "shop", **answers)
    code, output = agent(project.path, "--check")
    assert code == 0, output
    for path in ROLES.values():
        assert "[b] #1" in split(project.path / path)[0]["description"]
