"""Remembers which renders passed everything here, so that an unchanged one is not proven twice."""

import hashlib
import sys
from collections.abc import Generator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
MEMORY = ROOT / ".cache" / "proven"
# What decides whether a render passes, beside the render itself.
JUDGES = ("harness", "tests/live", "tests/contract")
ANSWERS_FILE = ".copier-answers.yml"


def fingerprint(rendered: Path) -> str:
    digest = hashlib.sha256(sys.version.encode())
    for folder in (rendered, *(ROOT / judge for judge in JUDGES)):
        for path in sorted(folder.rglob("*")):
            if not path.is_file() or path.suffix == ".pyc":
                continue
            content = path.read_bytes()
            if path.name == ANSWERS_FILE:
                # The commit differs with every change of the template; what it rendered may not.
                lines = content.splitlines()
                content = b"\n".join(line for line in lines if not line.startswith(b"_"))
            for part in (str(path.relative_to(folder)).encode(), content):
                digest.update(len(part).to_bytes(8))
                digest.update(part)
    return digest.hexdigest()


class Proven:
    def __init__(self, *, whole_folder: bool) -> None:
        self._whole_folder = whole_folder
        self._watched: dict[str, str] = {}
        self._failed: set[str] = set()

    def knows(self, fingerprint: str) -> bool:
        return (MEMORY / fingerprint).exists()

    def watch(self, stack: str, fingerprint: str) -> None:
        self._watched[stack] = fingerprint

    def passed(self, stack: str) -> bool:
        return stack not in self._failed

    @pytest.hookimpl(wrapper=True)
    def pytest_runtest_makereport(
        self, item: pytest.Item
    ) -> Generator[None, pytest.TestReport, pytest.TestReport]:
        report = yield
        callspec = getattr(item, "callspec", None)
        if callspec and report.outcome != "passed":
            self._failed.add(callspec.params.get("stack", ""))
        return report

    def pytest_sessionfinish(self, session: pytest.Session, exitstatus: int) -> None:
        options = session.config.option
        narrowed = not self._whole_folder or options.keyword or options.markexpr or options.lf
        if narrowed or exitstatus != pytest.ExitCode.OK:
            return
        MEMORY.mkdir(parents=True, exist_ok=True)
        for stack, fingerprint in self._watched.items():
            (MEMORY / fingerprint).write_text(f"{stack}\n", encoding="utf-8")
