"""Markers, order and the table of sentences shown."""

from collections.abc import Generator
from typing import Any

import pytest

from suite.coverage import Coverage
from suite.tenants import Tenants

Report = pytest.TestReport


class ContractPlugin:
    """`contract` names sentences, `applies` limits a test to some services, `order` moves it."""

    def __init__(self, coverage: Coverage, tenants: Tenants | None) -> None:
        self.coverage = coverage
        self.tenants = tenants
        self._attacks_withstood = 0

    def pytest_generate_tests(self, metafunc: pytest.Metafunc) -> None:
        if "collection" in metafunc.fixturenames:
            collections = self.tenants.collections if self.tenants else []
            metafunc.parametrize("collection", collections, ids=[one.path for one in collections])

    @pytest.hookimpl(trylast=True)
    def pytest_collection_modifyitems(
        self, config: pytest.Config, items: list[pytest.Item]
    ) -> None:
        unknown = {one for item in items for one in _ids(item)} - set(self.coverage.sentences)
        if unknown:
            raise pytest.UsageError(f"tests name unknown sentences: {', '.join(sorted(unknown))}")
        if self.tenants is None:
            return
        dropped = {item: why for item in items if (why := self._not_applicable(item))}
        for item, why in dropped.items():
            for one in _ids(item):
                self.coverage.not_applicable[one] = why
        config.hook.pytest_deselected(items=list(dropped))
        items[:] = sorted((item for item in items if item not in dropped), key=_position)

    @pytest.hookimpl(wrapper=True)
    def pytest_runtest_makereport(
        self, item: pytest.Item, call: pytest.CallInfo[Any]
    ) -> Generator[None, Report, Report]:
        report = yield
        if report.when == "call" or report.outcome != "passed":
            for one in _ids(item):
                self.coverage.outcomes.setdefault(one, []).append(report.outcome)
        if report.when == "call" and report.passed and item.get_closest_marker("security"):
            self._attacks_withstood += 1
        return report

    def pytest_terminal_summary(self, terminalreporter: pytest.TerminalReporter) -> None:
        if self._attacks_withstood:
            terminalreporter.write_line(f"attacks withstood: {self._attacks_withstood}")
        if self.coverage.outcomes:
            terminalreporter.section("sentences of contract.md shown, by section")
            for line in self.coverage.report():
                terminalreporter.write_line(line)

    def _not_applicable(self, item: pytest.Item) -> str:
        """Why this service cannot be asked, or nothing."""
        tenants = self.tenants
        assert tenants is not None
        wanted: dict[str, Any] = {}
        for marker in item.iter_markers("applies"):
            wanted |= marker.kwargs
        paths = [one.path for one in tenants.collections]
        missing = {
            f"applies to auth_system {wanted.get('auth')}": tenants.auth
            not in wanted.get("auth", (tenants.auth,)),
            f"applies to the entity {wanted.get('entity')}": wanted.get("entity", paths[0])
            not in paths,
            "tenants.json gives no strict service": "strict" in wanted and not tenants.strict,
            "tenants.json names no log of the API": "api_logs" in wanted and not tenants.api_logs,
            "tenants.json names no log of the worker": "worker_logs" in wanted
            and not tenants.worker_logs,
            "no entity has a unique field": "unique" in wanted
            and not any(one.unique for one in tenants.collections),
            "there is one entity only": len(paths) < wanted.get("collections", 1),
        }
        return next((why for why, lacks in missing.items() if lacks), "")


def _ids(item: pytest.Item) -> list[str]:
    return [one for marker in item.iter_markers("contract") for one in marker.args]


def _position(item: pytest.Item) -> int:
    marker = item.get_closest_marker("order")
    return {"first": 0, "last": 2}[marker.args[0]] if marker else 1
