"""A fleet of a template that the test releases."""

from pathlib import Path

import pytest

from .fleets import Fleet


@pytest.fixture
def fleet(tmp_path: Path) -> Fleet:
    return Fleet(tmp_path / "fleet", tmp_path / "template")
