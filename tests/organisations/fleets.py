"""A fleet.yml, what it is about, and the command that works on it."""

import json
import signal
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from harness import ROOT
from harness.project import environment

PERSON = {f"GIT_{who}_NAME": "Platform" for who in ("AUTHOR", "COMMITTER")} | {
    f"GIT_{who}_EMAIL": "platform@example.com" for who in ("AUTHOR", "COMMITTER")
}


@dataclass
class Ran:
    code: int
    out: str
    said: str

    @property
    def rows(self) -> dict[str, dict[str, Any]]:
        return {row["service"]: row for row in json.loads(self.out)["services"]}

    @property
    def states(self) -> dict[str, str]:
        return {name: row["state"] for name, row in self.rows.items()}


class Fleet:
    """A folder with a fleet.yml and the services that it lists."""

    def __init__(self, folder: Path, template: Path, file: str = "fleet.yml") -> None:
        self.folder = folder
        self.file = folder / file
        self.template = template
        folder.mkdir(exist_ok=True)

    def write(self, services: dict[str, dict[str, Any]], **keys: Any) -> None:
        listed = [{"folder": name, "answers": answers} for name, answers in services.items()]
        data = {"template": str(self.template), **keys, "services": listed}
        self.file.write_text(yaml.safe_dump(data), encoding="utf-8")

    def start(self, command: str, *arguments: str, **settings: str) -> subprocess.Popen[str]:
        return subprocess.Popen(
            [sys.executable, "-m", "fleet", command, "--file", str(self.file), *arguments],
            cwd=ROOT,
            env=environment(PERSON | settings),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            start_new_session=True,
        )

    def run(self, command: str, *arguments: str) -> Ran:
        process = self.start(command, *arguments)
        out, said = process.communicate(timeout=600)
        return Ran(process.returncode, out, said)

    def leftovers(self) -> list[Path]:
        return sorted(self.folder.rglob(".fleet-*"))


def killed(process: subprocess.Popen[str]) -> None:
    """End it as an out-of-memory killer would: no clean-up, its children go on."""
    process.send_signal(signal.SIGKILL)
    process.communicate()
