"""What runs, pins and ships a generated repo: image, compose file, workflow, settings, targets."""

import ast
import os
import re
import subprocess
import sys
import tomllib
from pathlib import Path
from typing import Any

import pytest
import yaml

from .conftest import Render, sets_of

BIN = Path(sys.executable).parent
TARGETS = {
    *("setup", "dev", "services", "services-stop", "migrate", "seed", "run", "worker", "test"),
    *("check", "rules", "openapi", "agent", "audit", "upgrade", "format", "help"),
}
YAMLLINT = """
extends: default
rules:
  comments: {min-spaces-from-content: 1}
  document-start: disable
  line-length: {max: 120}
  truthy: {check-keys: false}
"""
SCHEMAS = {
    "compose.yaml": "vendor.compose-spec",
    ".github/dependabot.yml": "vendor.dependabot",
    ".github/renovate.json": "vendor.renovate",
    ".github/workflows/ci.yml": "vendor.github-workflows",
    ".github/workflows/template.yml": "vendor.github-workflows",
}
PIN = re.compile(r"([A-Za-z0-9._-]+)(?:\[.*\])?==([^\s;]+)")

everywhere = pytest.mark.parametrize("name", sets_of("fastapi"))


def lint(*command: str | Path) -> None:
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr


def load(path: Path) -> Any:
    return yaml.safe_load(path.read_text(encoding="utf-8"))


@everywhere
def test_the_dockerfile_passes_hadolint(rendered: Render, name: str) -> None:
    lint(BIN / "hadolint", "--failure-threshold", "style", rendered(name).path / "Dockerfile")


@everywhere
def test_the_image_holds_the_service_and_runs_it_as_nobody_in_particular(
    rendered: Render, name: str
) -> None:
    repo = rendered(name)
    text = (repo.path / "Dockerfile").read_text(encoding="utf-8")
    builder, final = text.split("\nFROM ")
    copied = set(re.findall(r"^COPY (\S+) \./", final, re.MULTILINE))
    assert copied == {"alembic.ini", "migrations", *repo.context["source_roots"]}
    assert "pip install" in builder
    assert "pip install" not in final
    assert re.search(r"^USER [1-9]\d+$", final, re.MULTILINE)
    assert "HEALTHCHECK" in final


@everywhere
def test_the_image_is_given_only_what_it_is_made_of(rendered: Render, name: str) -> None:
    path = rendered(name).path
    lines = (path / ".dockerignore").read_text(encoding="utf-8").splitlines()
    let_in = {line[1:] for line in lines if line.startswith("!")}
    assert lines[1] == "*"
    wanted = re.findall(
        r"^COPY (?!--from)(.+) \S+$", (path / "Dockerfile").read_text("utf-8"), re.MULTILINE
    )
    assert let_in == {part for sources in wanted for part in sources.split()}
    assert all((path / part).exists() for part in let_in)


@everywhere
@pytest.mark.parametrize("file", SCHEMAS)
def test_yaml_files_follow_their_schemas(rendered: Render, name: str, file: str) -> None:
    path = rendered(name).path / file
    lint(BIN / "yamllint", "--strict", "-d", YAMLLINT, path)
    lint(BIN / "check-jsonschema", "--builtin-schema", SCHEMAS[file], path)


@everywhere
def test_compose_runs_the_service_behind_loopback(rendered: Render, name: str) -> None:
    services = load(rendered(name).path / "compose.yaml")["services"]
    assert set(services) == {"api", "worker", "migrate", "postgres", "valkey"}
    ports = [port for service in services.values() for port in service.get("ports", [])]
    assert ports
    assert all(port.startswith("127.0.0.1:") for port in ports)
    for process in ("api", "worker"):
        environment = services[process]["environment"]
        assert environment["DATABASE_URL"].startswith("postgresql://app:")
        assert "MIGRATION_DATABASE_URL" not in environment
    owner = services["migrate"]["environment"]["MIGRATION_DATABASE_URL"]
    assert owner.startswith("postgresql://app_owner:")
    for lasting in ("worker", "postgres", "valkey"):
        assert services[lasting]["healthcheck"]["test"]


@everywhere
def test_actions_are_pinned_to_commits(rendered: Render, name: str) -> None:
    github = rendered(name).path / ".github"
    for path in github.rglob("*.yml"):
        for used in re.findall(r"uses: (\S+)", path.read_text(encoding="utf-8")):
            assert used.startswith("./") or re.fullmatch(r"[\w/-]+@[0-9a-f]{40}", used), used


@everywhere
def test_the_workflow_checks_and_builds(rendered: Render, name: str) -> None:
    text = (rendered(name).path / ".github/workflows/ci.yml").read_text(encoding="utf-8")
    for step in ("scripts.leftovers", "make check", "docker compose build"):
        assert step in text


@everywhere
def test_the_example_of_settings_has_every_setting_and_nothing_else(
    rendered: Render, name: str
) -> None:
    repo = rendered(name)
    folder = repo.path / repo.answers.get("api_structure", "app")
    read = {
        (statement.target.id.upper(), statement.value)
        for node in ast.walk(ast.parse((folder / "settings.py").read_text(encoding="utf-8")))
        if isinstance(node, ast.ClassDef)
        for statement in node.body
        if isinstance(statement, ast.AnnAssign) and isinstance(statement.target, ast.Name)
    }
    lines = (repo.path / ".env.example").read_text(encoding="utf-8").splitlines()
    shown = [line.split("=", 1) for line in lines if line and not line.startswith("#")]
    assert sorted(setting for setting, _ in shown) == sorted(setting for setting, _ in read)
    defaults = {
        setting: ast.literal_eval(value)
        for setting, value in read
        if isinstance(value, ast.Constant)
    }
    for setting, value in shown:
        # The file is for development; without it a service is in production.
        if setting != "APP_ENV":
            assert value.lower() == str(defaults.get(setting, "")).lower(), setting


@everywhere
def test_make_has_the_targets_of_the_contract_and_help_tells_them(
    rendered: Render, name: str
) -> None:
    path = rendered(name).path
    rules = (path / "Makefile").read_text("utf-8") + (path / "install.mk").read_text("utf-8")
    phony = set(re.findall(r"^\.PHONY: (\S+)$", rules, re.MULTILINE))
    assert phony == TARGETS
    told = subprocess.run(["make"], cwd=path, capture_output=True, text=True, check=True)
    assert set(re.findall(r"^make (\S+)", told.stdout, re.MULTILINE)) == TARGETS - {"help"}


@pytest.mark.parametrize("target", sorted(TARGETS - {"help", "setup"}))
def test_without_its_environment_make_says_what_to_do(rendered: Render, target: str) -> None:
    path = rendered("defaults").path
    done = subprocess.run(["make", target], cwd=path, capture_output=True, text=True, check=False)
    assert done.returncode != 0
    assert done.stdout == ""
    assert done.stderr.splitlines()[0] == "make: there is no .venv yet: run 'make setup' first"


@everywhere
def test_setup_installs_into_the_repos_own_environment(rendered: Render, name: str) -> None:
    """UV_PYTHON and another active environment would else be installed into."""
    plan = subprocess.run(
        ["make", "--dry-run", "setup"],
        cwd=rendered(name).path,
        capture_output=True,
        text=True,
        check=True,
    )
    installs = [
        line for line in plan.stdout.replace("\\\n", "").splitlines() if "pip install" in line
    ]
    assert installs
    for line in installs:
        assert ".venv/bin/python -m pip install" in line or "--python .venv/bin/python " in line


@everywhere
def test_setup_names_what_it_lacks(rendered: Render, name: str) -> None:
    done = subprocess.run(
        ["make", "setup", "SYSTEM_PYTHON=false"],
        cwd=rendered(name).path,
        env={"PATH": os.defpath},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode != 0
    message = "setup: Python 3.11 or newer is needed: make setup SYSTEM_PYTHON=python3.12"
    assert done.stderr.splitlines()[0] == message
    assert not (rendered(name).path / ".venv").exists()


@everywhere
def test_every_pin_is_exact_and_the_same_everywhere(rendered: Render, name: str) -> None:
    path = rendered(name).path
    project = tomllib.loads((path / "pyproject.toml").read_text("utf-8"))
    wanted = [
        *project["project"]["dependencies"],
        *project["dependency-groups"]["dev"],
        *(path / "scripts/services/requirements.txt").read_text("utf-8").splitlines(),
    ]
    here = {folder.name for folder in (path / "packages").glob("*")}
    constraints = (path / "constraints.txt").read_text("utf-8")
    pinned = dict(PIN.findall(constraints))
    for requirement in wanted:
        match = PIN.fullmatch(requirement)
        assert match, f"not exact: {requirement}"
        if match[1] not in here:
            assert pinned[match[1]] == match[2]
    assert "://" not in constraints


@everywhere
def test_the_licence_names_year_and_company(rendered: Render, name: str) -> None:
    repo = rendered(name)
    answers = load(repo.path / ".copier-answers.yml")
    licence = (repo.path / "LICENSE").read_text(encoding="utf-8")
    assert f"(c) {answers['copyright_year']} {answers['company_name']}\n" in licence
