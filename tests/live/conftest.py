"""A generated repo and its running service for every answer set."""

import os
import shutil
import tempfile
from collections.abc import Generator, Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

from harness import Gate, Project, Service, start_services
from harness.console import say, step
from harness.waiting import free_port

from .by_stack import ByStack
from .pasts import PASTS
from .proven import Proven, fingerprint
from .queue_server import queue_setting
from .stack import ANSWERS, STACKS, Stack, boot_settings, named

HERE = Path(__file__).parent
IN_CI = bool(os.environ.get("CI"))


def pytest_configure(config: pytest.Config) -> None:
    config.addinivalue_line(
        "markers",
        "stacks(*names): only these kinds of answer sets; the others differ in nothing tested",
    )
    config.pluginmanager.register(Proven(whole_folder=config.args == ["tests/live"]), "proven")


def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> ByStack:
    return ByStack(config, log)


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """One process a stack, and within one: its birth, its own checks, the contract, the rest."""
    order = {"test_updated.py": 0, "test_checks.py": 1, "test_dev.py": 2, "test_contract.py": 3}
    live = [item for item in items if HERE in item.path.parents]
    elsewhere = [item for item in items if item not in live]
    config.hook.pytest_deselected(items=[item for item in live if not _wanted(item)])
    live = [item for item in live if _wanted(item)]
    live.sort(key=lambda item: (_stack(item), order.get(item.path.name, 4)))
    items[:] = elsewhere + live


def _wanted(item: pytest.Item) -> bool:
    marker = item.get_closest_marker("stacks")
    if marker is None:
        return True
    assert marker.args, f"{item.nodeid}: which answer sets?"
    wanted = named(*marker.args)
    assert wanted <= set(STACKS), f"{item.nodeid}: no such answer set"
    return _stack(item) in wanted


_told: list[BaseException] = []


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(
    call: pytest.CallInfo[None],
) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """A stage that failed is told once, not for each test that needed it."""
    report = yield
    if call.excinfo is not None and call.when == "setup" and report.failed:
        if any(call.excinfo.value is told for told in _told):
            report.longrepr = f"as above: {str(call.excinfo.value).splitlines()[0]}"
        _told.append(call.excinfo.value)
    return report


def _stack(item: pytest.Item) -> str:
    callspec = getattr(item, "callspec", None)
    return str(callspec.params.get("stack", "")) if callspec else ""


@pytest.fixture(scope="session")
def workspace(request: pytest.FixtureRequest) -> Iterator[Path]:
    """Open to the unprivileged user that PostgreSQL runs as when we are root."""
    folder = Path(tempfile.mkdtemp(prefix="backend-architect-live-"))
    folder.chmod(0o755)
    say(f"\nworkspace: {folder}")
    yield folder
    if request.session.testsfailed == 0:
        shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture(scope="session", params=STACKS)
def stack(request: pytest.FixtureRequest, workspace: Path) -> Iterator[Stack]:
    name = request.param
    say(f"\n{name}")
    answers = yaml.safe_load((ANSWERS / f"{name}.yml").read_text(encoding="utf-8")) or {}
    shape = yaml.safe_load((HERE / "shapes" / f"{name}.yml").read_text(encoding="utf-8"))
    logs = workspace / f"{name}-logs"
    if past := PASTS.get(name):
        with step("a first release, edits and an update"):
            project = past.live_through(workspace / name, logs, answers)
    else:
        project = Project.generate(workspace / name, logs, answers)
    print_of_it = fingerprint(project.folder)
    proven = request.config.pluginmanager.get_plugin("proven")
    assert isinstance(proven, Proven)
    if proven.knows(print_of_it) and not IN_CI:
        pytest.skip(f"{name}: byte-equal to what was proven in this checkout; CI=1 proves it again")
    proven.watch(name, print_of_it)
    project.commit()
    yield Stack(name, project, shape, logs)
    if proven.passed(name):
        shutil.rmtree(project.folder, ignore_errors=True)
    else:
        say(f"kept for a look: {project.folder} and {logs}")


@pytest.fixture(scope="session")
def ready(stack: Stack) -> Project:
    """The repo with everything installed that it needs."""
    stack.project.make("setup")
    return stack.project


@pytest.fixture(scope="session")
def urls(ready: Project) -> Iterator[dict[str, str]]:
    """PostgreSQL and Valkey, brought up by the repo itself, and migrated."""
    exported = start_services(ready)
    try:
        Service(ready, ready.logs / "migrate", exported, {}).migrate()
        yield exported
    finally:
        ready.make("services-stop")


@pytest.fixture
def gates(urls: dict[str, str]) -> Iterator[dict[str, Gate]]:
    """Doors before the servers; the service is told the doors' addresses."""
    names = {"DATABASE_URL", "REDIS_URL", queue_setting(urls)}
    doors = {name: Gate(urls[name]) for name in names}
    yield doors
    for door in doors.values():
        door.close()


@pytest.fixture
def service(
    request: pytest.FixtureRequest, stack: Stack, urls: dict[str, str], gates: dict[str, Gate]
) -> Generator[Service, Any, None]:
    """Not started yet: the tests decide what runs. Whatever does is killed in the end."""
    through = urls | {name: door.url for name, door in gates.items()}
    logs = stack.logs / request.node.name.split("[")[0]
    service = Service(stack.project, logs, through, boot_settings(stack, free_port()))
    yield service
    service.kill()
    stack.check_logs(service)
