"""The suite's own check, without a service: every sentence is shown by a test or elsewhere."""

from pathlib import Path

import pytest

from suite.coverage import named_in
from suite.plugin import ContractPlugin


def test_every_sentence_is_accounted_for(pytestconfig: pytest.Config) -> None:
    plugin = pytestconfig.pluginmanager.get_plugin("contract")
    assert isinstance(plugin, ContractPlugin)
    assert plugin.coverage.problems(named_in(Path(__file__).parent)) == []
