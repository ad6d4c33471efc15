"""The README's commands, typed as they stand, in a newcomer's home."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
import yaml

from harness.project import environment

from .markdown import ROOT, block, blocks

README = ROOT / "README.md"
URL = "https://git.example.com/acme/backend-architect.git"
MAKE = '#!/bin/sh\nexec {make} --dry-run "$@"\n'
COMMAND_SECONDS = 600

# All of them, by what they hold; the first is about this repo and would never end here.
KNOWN = [
    "make demo",
    "TEMPLATE=",
    "python3 -m venv",
    "cd billing-api",
    "--data-file answers.yml",
    "copier update",
]


class Newcomer:
    """A home of their own, git, Python and uv on the PATH, and the template somewhere."""

    def __init__(self, home: Path, template: Path) -> None:
        self.home = home
        self.template = template
        tools = home / "bin"
        tools.mkdir(parents=True)
        for tool in ("uv", "uvx"):
            (tools / tool).symlink_to(Path(sys.prefix) / "bin" / tool)
        # What the targets of a generated repo do is shown in tests/live: here they have to exist.
        make = tools / "make"
        make.write_text(MAKE.format(make=shutil.which("make")), encoding="utf-8")
        make.chmod(0o755)
        cache = subprocess.run(
            [tools / "uv", "cache", "dir"], capture_output=True, text=True, check=True
        )
        path = f"{tools}{os.pathsep}{environment()['PATH']}"
        self.environment = environment(
            {"HOME": str(home), "PATH": path, "UV_CACHE_DIR": cache.stdout.strip()}
            | {f"GIT_{who}_NAME": "Newcomer" for who in ("AUTHOR", "COMMITTER")}
            | {f"GIT_{who}_EMAIL": "newcomer@example.com" for who in ("AUTHOR", "COMMITTER")}
            | {"TEMPLATE": str(template)}
        )

    def types(self, commands: str, where: Path) -> None:
        script = commands.replace(URL, str(self.template))
        # Nobody sits at this prompt.
        script = script.replace("copier copy --trust", "copier copy --trust --defaults")
        self.runs(script.replace("--defaults --defaults", "--defaults"), where)

    def runs(self, script: str, where: Path) -> None:
        done = subprocess.run(
            ["bash", "-euo", "pipefail", "-c", script],
            cwd=where,
            env=self.environment,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=COMMAND_SECONDS,
            check=False,
        )
        assert done.returncode == 0, f"{script}\n{done.stdout[-3000:]}\n{done.stderr[-3000:]}"


@pytest.fixture(scope="module")
def template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The work tree as it is, as a repository with a release."""
    folder = tmp_path_factory.mktemp("template") / "acme" / "backend-architect"
    listing = ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"]
    listed = subprocess.run(listing, cwd=ROOT, capture_output=True, text=True, check=True).stdout
    for name in listed.split("\0"):
        if name and (ROOT / name).is_file():
            (folder / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(ROOT / name, folder / name)
    _git(folder, "init", "--quiet")
    release(folder, "v1.0.0")
    return folder


@pytest.fixture
def newcomer(tmp_path: Path, template: Path) -> Newcomer:
    return Newcomer(tmp_path / "home", template)


def _git(folder: Path, *arguments: str) -> None:
    committer = ["-c", "user.name=Release", "-c", "user.email=release@example.com"]
    subprocess.run(["git", *committer, *arguments], cwd=folder, check=True)


def release(template: Path, version: str) -> None:
    _git(template, "add", "--all")
    _git(template, "commit", "--quiet", "--message", version)
    _git(template, "tag", version)


def readme(containing: str) -> str:
    return block(README, "bash", containing)


def test_every_block_of_commands_is_known() -> None:
    assert blocks(README, "bash") == [readme(known) for known in KNOWN]


def test_a_service_with_uv_and_its_update(newcomer: Newcomer, template: Path) -> None:
    home = newcomer.home
    newcomer.types(readme("TEMPLATE="), home)
    repo = home / "billing-api"
    answers = yaml.safe_load((repo / ".copier-answers.yml").read_text("utf-8"))
    assert answers["project_name"] == "billing-api"
    assert answers["_commit"] == "v1.0.0"
    newcomer.types(readme("cd billing-api"), home)
    with (template / "template" / "AGENTS.md.jinja").open("a", encoding="utf-8") as agents:
        agents.write("\nA line of the next release.\n")
    release(template, "v1.1.0")
    newcomer.types(readme("copier update"), repo)
    assert (repo / "AGENTS.md").read_text("utf-8").endswith("A line of the next release.\n")


def test_a_service_without_uv(newcomer: Newcomer) -> None:
    newcomer.types(readme("python3 -m venv"), newcomer.home)
    assert (newcomer.home / "billing-api" / "Makefile").is_file()


def test_answers_in_a_file(newcomer: Newcomer) -> None:
    answers = block(README, "yaml", "# answers.yml")
    (newcomer.home / "answers.yml").write_text(answers, encoding="utf-8")
    newcomer.types(readme("--data-file answers.yml"), newcomer.home)
    recorded = (newcomer.home / "shop-api" / ".copier-answers.yml").read_text("utf-8")
    assert yaml.safe_load(answers).items() <= yaml.safe_load(recorded).items()


def test_trusted_once(newcomer: Newcomer) -> None:
    settings = block(README, "yaml", "# settings.yml")
    trusted = settings.replace("https://git.example.com/acme/", f"{newcomer.template.parent}/")
    assert trusted != settings
    folder = newcomer.home / ".config" / "copier"
    folder.mkdir(parents=True)
    (folder / "settings.yml").write_text(trusted, encoding="utf-8")
    newcomer.types(readme("TEMPLATE=").replace(" --trust", " --defaults"), newcomer.home)
    assert (newcomer.home / "billing-api" / "Makefile").is_file()
