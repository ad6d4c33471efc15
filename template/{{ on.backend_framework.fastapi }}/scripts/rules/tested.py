"""R10: the tests run most of the code, down to its branches."""

import ast
import os
import re
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from io import StringIO
from pathlib import Path

from coverage import Coverage
from coverage.exceptions import CoverageException

from .project import ROOT, python_files
from .verdict import Verdict, count, verdict

# The rule; `fail_under` in pyproject.toml may ask for more.
LEAST = 80.0
WORST_SHOWN = 3
SUMMARY = re.compile(r"^=* ?(\d+ (?:passed|failed|error)[^=\n]*?) in ", re.MULTILINE)

UNSOUND = re.compile(r"failed|error")


def check(measured: Path | None) -> Verdict:
    """Measure now, or take what a run of the tests just before has measured."""
    if measured is not None:
        newer = _changed_since(measured)
        if newer:
            failure = f"{newer}: changed after the tests ran: run them again (`make test`)"
            return verdict(measured.name, "out of date", [failure])
        return _judge(measured, f"the tests that wrote {measured.name}")
    with tempfile.TemporaryDirectory() as folder:
        data = Path(folder) / "coverage"
        print("rules: running the tests for R10", file=sys.stderr, flush=True)
        done = subprocess.run(
            [sys.executable, "-m", "pytest", "-q", "--tb=no", "--cov", "--cov-report="],
            cwd=ROOT,
            env={**os.environ, "COVERAGE_FILE": str(data)},
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            check=False,
        )
        summary = SUMMARY.search(done.stdout)
        if done.returncode != 0:
            print(f"{done.stdout}\nrules: `make test` tells more", file=sys.stderr, flush=True)
        tests = summary[1] if summary else "no tests ran"
        return _judge(data, tests, passed="passed" in tests and not UNSOUND.search(tests))


def _changed_since(measured: Path) -> str | None:
    written = measured.stat().st_mtime if measured.exists() else 0
    changed = (path for path in python_files() if path.stat().st_mtime > written)
    return next((path.relative_to(ROOT).as_posix() for path in changed), None)


def _judge(data: Path, tests: str, *, passed: bool = True) -> Verdict:
    coverage = Coverage(data_file=data, config_file=str(ROOT / "pyproject.toml"))
    try:
        coverage.load()
        total = coverage.report(file=StringIO())
    except CoverageException as error:
        return verdict(tests, "nothing measured", [f"tests: {error}: make them run (`make test`)"])
    files = coverage.get_data().measured_files()
    least = max(LEAST, float(str(coverage.get_option("report:fail_under"))))
    failures = [] if total >= least else [_shortfall(total, least, coverage)]
    failures += [] if passed else [f"tests: {tests}: mend them (`make test` tells more)"]
    failures += [_untouched(name, coverage) for name in sorted(files)]
    return verdict(
        f"{count(len(files), 'file')}; {tests}",
        f"{total:.1f} % covered, functions of every module run",
        filter(None, failures),
    )


def _untouched(name: str, coverage: Coverage) -> str:
    """A module among many, too small to be missed in the sum."""
    path = Path(name)
    _, statements, _, missing, _ = coverage.analysis2(name)
    functions = [
        {line.lineno for part in node.body for line in ast.walk(part) if isinstance(line, ast.stmt)}
        for node in ast.walk(ast.parse(path.read_bytes()))
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
    ]
    bodies = set[int]().union(*functions).intersection(statements)
    if not bodies or bodies - set(missing):
        return ""
    return (
        f"{path.relative_to(ROOT).as_posix()}: no test runs any of its"
        f" {count(len(functions), 'function')}: write one that does"
    )


def _shortfall(total: float, least: float, coverage: Coverage) -> str:
    worst = sorted(_missing_lines(coverage), reverse=True)[:WORST_SHOWN]
    places = ", ".join(f"{name} ({lines} lines)" for lines, name in worst)
    return f"coverage: {total:.1f} % is less than {least:.0f} %: test {places} first"


def _missing_lines(coverage: Coverage) -> Iterator[tuple[int, str]]:
    for name in coverage.get_data().measured_files():
        _, _, _, missing, _ = coverage.analysis2(name)
        yield len(missing), Path(name).relative_to(ROOT).as_posix()
