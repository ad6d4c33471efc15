"""docs/organisations.md, done as it stands."""

import subprocess
from pathlib import Path

import yaml

from harness import ROOT
from harness.project import environment
from tests.docs.markdown import block
from tests.update.history import Template

from .fleets import PERSON

DOCUMENT = ROOT / "docs" / "organisations.md"
URL = "https://git.example.com/acme/backend-architect.git"


def test_its_file_and_its_commands_start_two_services(tmp_path: Path) -> None:
    template = Template(tmp_path / "template")
    text = block(DOCUMENT, "yaml", "# fleet.yml")
    file = tmp_path / "fleet.yml"
    file.write_text(text.replace(URL, str(template.folder)), encoding="utf-8")
    commands = block(DOCUMENT, "bash", "make fleet").replace("../acme/fleet.yml", str(file))
    done = subprocess.run(
        ["bash", "-euo", "pipefail", "-c", commands],
        cwd=ROOT,
        env=environment(PERSON),
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    for service in yaml.safe_load(text)["services"]:
        assert (tmp_path / service["folder"] / ".git").is_dir()
        assert service["folder"] in done.stdout
