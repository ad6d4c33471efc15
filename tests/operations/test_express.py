"""What installs, runs and ships an Express repo, by every package manager and in every runtime."""

import json
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import yaml

ROOT = Path(__file__).resolve().parents[2]
BIN = Path(sys.executable).parent
LOCKS = {
    "npm": "package-lock.json",
    "pnpm": "pnpm-lock.yaml",
    "yarn": "yarn.lock",
    "bun": "bun.lock",
}
KINDS = {
    **{manager: {"package_manager": manager} for manager in LOCKS},
    "node": {"runtime_env": "node"},
    "elsewhere": {"api_structure": "server/http", "constants_path": "config/constants.ts"},
}
SCHEMAS = {
    ".github/dependabot.yml": "vendor.dependabot",
    ".github/workflows/ci.yml": "vendor.github-workflows",
}
TARGETS = {
    *("setup", "dev", "services", "services-stop", "migrate", "seed", "run", "worker", "test"),
    *("check", "rules", "openapi", "agent", "audit", "upgrade", "format", "help", "lock"),
}
YAMLLINT = """
extends: default
rules:
  comments: {min-spaces-from-content: 1}
  document-start: disable
  line-length: {max: 120}
  truthy: {check-keys: false}
"""
SETTING = re.compile(r"read\.\w+\(\s*\"([A-Z_]+)\"")

Repo = Callable[[str], Path]

everywhere = pytest.mark.parametrize("kind", KINDS)
in_containers = pytest.mark.parametrize("kind", [kind for kind in KINDS if kind != "node"])
by_every_manager = pytest.mark.parametrize("kind", LOCKS)


@pytest.fixture(scope="session")
def repo(tmp_path_factory: pytest.TempPathFactory) -> Repo:
    """Render a kind of repo, once for all the tests that look at it."""
    template = tmp_path_factory.mktemp("template")
    for part in ("copier.yml", "extensions", "macros", "template"):
        copy = shutil.copytree if (ROOT / part).is_dir() else shutil.copy
        copy(ROOT / part, template / part)
    done: dict[str, Path] = {}

    def render(kind: str) -> Path:
        if kind not in done:
            done[kind] = tmp_path_factory.mktemp(kind) / "shop"
            answers = {"backend_framework": "express", **KINDS[kind]}
            data = [f"--data={name}={value}" for name, value in answers.items()]
            options = ["--quiet", "--trust", "--defaults", *data]
            lint(BIN / "copier", "copy", *options, template, done[kind])
        return done[kind]

    return render


def lint(*command: str | Path) -> None:
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr


def load(path: Path) -> Any:
    return yaml.safe_load(path.read_text(encoding="utf-8"))


@in_containers
def test_the_dockerfile_passes_hadolint(repo: Repo, kind: str) -> None:
    lint(BIN / "hadolint", "--failure-threshold", "style", repo(kind) / "Dockerfile")


@in_containers
def test_the_image_holds_what_was_built_and_runs_it_as_nobody_in_particular(
    repo: Repo, kind: str
) -> None:
    builder, final = (repo(kind) / "Dockerfile").read_text(encoding="utf-8").split("\nFROM ")
    copied = re.findall(r"^COPY (?:--from=build )?(\S+) \./", final, re.MULTILINE)
    assert copied == ["/build/node_modules", "/build/dist", "package.json", "migrations"]
    assert LOCKS[KINDS[kind].get("package_manager", "npm")] in builder
    assert "install" not in final.replace("installed", "")
    assert re.search(r"^USER [1-9]\d+$", final, re.MULTILINE)
    assert "HOST=0.0.0.0" in final
    assert "HEALTHCHECK" in final
    home = KINDS[kind].get("api_structure", "src")
    assert final.splitlines()[-1] == f'CMD ["node", "dist/{home}/main.js"]'


def test_an_older_node_in_a_later_shell_is_named_in_one_line(repo: Repo, tmp_path: Path) -> None:
    older = tmp_path / "node"
    older.write_text("#!/bin/sh\nexec false\n", encoding="utf-8")
    older.chmod(0o755)
    shop = shutil.copytree(repo("npm"), tmp_path / "shop")
    (shop / "node_modules").mkdir()
    done = subprocess.run(
        ["make", "migrate"],
        cwd=shop,
        env=os.environ | {"PATH": f"{tmp_path}:{os.environ['PATH']}"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 2
    told, *_ = done.stderr.splitlines()
    assert told == "make: Node.js 24.2 or newer is needed; 'make setup' brings one"


@in_containers
def test_the_image_is_given_only_what_it_is_made_of(repo: Repo, kind: str) -> None:
    lines = (repo(kind) / ".dockerignore").read_text(encoding="utf-8").splitlines()
    let_in = {line[1:] for line in lines if line.startswith("!")}
    assert lines[1] == "*"
    dockerfile = (repo(kind) / "Dockerfile").read_text(encoding="utf-8")
    wanted = re.findall(r"^COPY (?!--from)(.+) \S+$", dockerfile, re.MULTILINE)
    assert let_in == {part.rstrip("*") for sources in wanted for part in sources.split()}
    assert all((repo(kind) / part).exists() for part in let_in - set(LOCKS.values()))


@everywhere
@pytest.mark.parametrize("file", SCHEMAS)
def test_yaml_files_follow_their_schemas(repo: Repo, kind: str, file: str) -> None:
    lint(BIN / "yamllint", "--strict", "-d", YAMLLINT, repo(kind) / file)
    lint(BIN / "check-jsonschema", "--builtin-schema", SCHEMAS[file], repo(kind) / file)


@in_containers
def test_compose_runs_the_service_behind_loopback(repo: Repo, kind: str) -> None:
    path = repo(kind) / "compose.yaml"
    lint(BIN / "yamllint", "--strict", "-d", YAMLLINT, path)
    lint(BIN / "check-jsonschema", "--builtin-schema", "vendor.compose-spec", path)
    services = load(path)["services"]
    ports = [port for service in services.values() for port in service.get("ports", [])]
    assert ports
    assert all(port.startswith("127.0.0.1:") for port in ports)
    home = f"dist/{KINDS[kind].get('api_structure', 'src')}"
    assert services["worker"]["command"] == ["node", f"{home}/worker.js"]
    assert services["migrate"]["command"] == ["node", f"{home}/migrate.js"]
    assert "MIGRATION_DATABASE_URL" not in services["api"]["environment"]


def test_without_containers_there_is_nothing_of_docker(repo: Repo) -> None:
    files = {path.name for path in repo("node").iterdir()}
    assert not files & {"Dockerfile", ".dockerignore", "compose.yaml"}
    assert "docker" not in (repo("node") / ".github/workflows/ci.yml").read_text("utf-8")
    assert "docker" not in (repo("node") / ".github/dependabot.yml").read_text("utf-8")
    assert "ocker " not in (repo("node") / "README.md").read_text("utf-8")
    processes = dict(
        line.split(": ") for line in (repo("node") / "Procfile").read_text("utf-8").splitlines()
    )
    assert processes == {
        "release": "node dist/src/migrate.js",
        "web": "node dist/src/main.js",
        "worker": "node dist/src/worker.js",
    }


@everywhere
def test_actions_are_pinned_to_commits(repo: Repo, kind: str) -> None:
    for path in (repo(kind) / ".github").rglob("*.yml"):
        for used in re.findall(r"uses: (\S+)", path.read_text(encoding="utf-8")):
            assert re.fullmatch(r"[\w/-]+@[0-9a-f]{40}", used), used


@everywhere
def test_make_has_the_targets_of_the_contract_and_help_tells_them(repo: Repo, kind: str) -> None:
    parts = ("Makefile", "install.mk", "toolchain.mk")
    rules = "".join((repo(kind) / part).read_text("utf-8") for part in parts)
    phony = set(re.findall(r"^\.PHONY: (\S+)$", rules, re.MULTILINE))
    assert phony == {*TARGETS, "toolchain", "node"}
    told = subprocess.run(["make"], cwd=repo(kind), capture_output=True, text=True, check=True)
    assert told.stderr == ""
    assert set(re.findall(r"^make (\S+)", told.stdout, re.MULTILINE)) == TARGETS - {"help"}


@pytest.mark.parametrize("target", sorted(TARGETS - {"help", "setup"}))
def test_without_its_packages_make_says_what_to_do(repo: Repo, target: str) -> None:
    done = subprocess.run(
        ["make", target], cwd=repo("npm"), capture_output=True, text=True, check=False
    )
    assert done.returncode != 0
    assert done.stdout == ""
    message = "make: there is no node_modules yet: run 'make setup' first"
    assert done.stderr.splitlines()[0] == message


@pytest.mark.parametrize(
    ("there", "message"),
    [
        ((), "setup: npm is needed; it comes with Node.js"),
        (
            ("npm", "node"),
            "setup: uv, or Python 3.11 or newer, is needed: make setup SYSTEM_PYTHON=python3.12",
        ),
    ],
)
def test_setup_names_what_it_lacks(
    repo: Repo, tmp_path: Path, there: tuple[str, ...], message: str
) -> None:
    for name in ("sh", "find", "sed", *there):
        (tmp_path / name).symlink_to(shutil.which(name) or "/bin/true")
    done = subprocess.run(
        [shutil.which("make") or "make", "setup"],
        cwd=repo("npm"),
        env={"PATH": str(tmp_path), "HOME": os.environ["HOME"]},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode != 0
    assert done.stderr.splitlines()[0] == message
    assert not (repo("npm") / ".tools").exists()


@by_every_manager
def test_the_manager_is_brought_when_the_machine_lacks_it(repo: Repo, kind: str) -> None:
    manifest = json.loads((repo(kind) / "package.json").read_text("utf-8"))
    if kind == "npm":
        assert "packageManager" not in manifest
    else:
        assert re.fullmatch(rf"{kind}@\d+\.\d+\.\d+", manifest["packageManager"])
        assert f".tools/{kind} " in (repo(kind) / "install.mk").read_text("utf-8")


@everywhere
def test_every_pin_is_exact_and_no_lock_file_is_shipped(repo: Repo, kind: str) -> None:
    manifest = json.loads((repo(kind) / "package.json").read_text("utf-8"))
    pins = manifest["dependencies"] | manifest["devDependencies"]
    for name, version in pins.items():
        assert re.fullmatch(r"\d+\.\d+\.\d+", version), name
    for part in ("dependencies", "devDependencies"):
        assert list(manifest[part]) == sorted(manifest[part])
    assert not any((repo(kind) / lock).exists() for lock in LOCKS.values())


@everywhere
def test_the_example_of_settings_has_every_setting_and_nothing_else(repo: Repo, kind: str) -> None:
    home = repo(kind) / KINDS[kind].get("api_structure", "src")
    read = set(SETTING.findall((home / "settings.ts").read_text(encoding="utf-8")))
    lines = (repo(kind) / ".env.example").read_text(encoding="utf-8").splitlines()
    shown = [line.split("=", 1)[0] for line in lines if line and not line.startswith("#")]
    assert len(shown) == len(set(shown))
    assert set(shown) - read == {"APIDECK_BASE_URL", "APIDECK_API_KEY"}
    assert read <= set(shown)
