"""The workflow for fleets that are larger than one machine: its own steps, without its servers."""

import os
import subprocess
from pathlib import Path

import yaml

from harness import ROOT
from harness.project import environment

from .fleets import Fleet

WORKFLOW = ROOT / "fleet" / "github" / "pull-requests.yml"
ENGINE = '#!/bin/sh\nprintf "%s\\n" "$@" > {calls}\n'


def test_each_shard_asks_the_engine_for_its_own_services(tmp_path: Path) -> None:
    workflow = yaml.safe_load(WORKFLOW.read_text(encoding="utf-8"))
    job = workflow["jobs"]["update"]
    script = next(
        step["run"] for step in job["steps"] if 'multi-gitter" run' in step.get("run", "")
    )
    fleet = Fleet(tmp_path / "organisation", tmp_path / "template-of-nobody")
    names = [f"services/service-{number}" for number in range(10)]
    fleet.write({name: {} for name in names}, version="1.0.0")
    (fleet.folder / "template").symlink_to(ROOT)
    tools = tmp_path / "go" / "bin"
    tools.mkdir(parents=True)
    calls = tmp_path / "calls"
    for tool, text in (
        ("multi-gitter", ENGINE.format(calls=calls)),
        ("go", f"#!/bin/sh\necho {tools.parent}\n"),
    ):
        (tools / tool).write_text(text, encoding="utf-8")
        (tools / tool).chmod(0o755)
    asked: list[str] = []
    for shard in job["strategy"]["matrix"]["shard"]:
        path = f"{tools}{os.pathsep}{environment()['PATH']}"
        variables = {"PATH": path, "SHARD": shard, **workflow["env"]}
        subprocess.run(
            ["bash", "-e", "-c", script], cwd=fleet.folder, env=environment(variables), check=True
        )
        words = calls.read_text(encoding="utf-8").splitlines()
        assert words[0] == "run" and "copier update" in words[1]
        asked += [words[at + 1] for at, word in enumerate(words) if word == "--repo"]
    assert sorted(asked) == [f"acme/{name.split('/')[1]}" for name in names]
