import filecmp
from pathlib import Path

import pytest

from bench.generation import templates
from bench.generation.phases import PHASES, REST, phases_of

# The default is the name of the folder.
NAMED = {"project_name": "shop"}


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("generation")


@pytest.fixture(scope="module")
def output(folder: Path) -> Path:
    templates.generate(templates.ours(folder / "ours"), folder / "output", NAMED)
    return folder / "output"


def differences(one: Path, other: Path) -> list[str]:
    """The files that are not the same, but for where they came from."""
    found = filecmp.dircmp(one, other)
    differing = [*found.left_only, *found.right_only, *found.diff_files]
    for name in found.common_dirs:
        differing += [f"{name}/{path}" for path in differences(one / name, other / name)]
    return differing


def test_the_floor_writes_the_same_files(folder: Path, output: Path) -> None:
    floor = templates.static(folder / "static", output)
    templates.generate(floor, folder / "copied")
    assert differences(output, folder / "copied") == [".copier-answers.yml"]


def test_stacks_that_nobody_chose_leave_the_output_alone(folder: Path, output: Path) -> None:
    grown = templates.with_stacks(folder / "grown", 2)
    templates.generate(grown, folder / "service", NAMED)
    assert templates.files_in(grown) > templates.files_in(folder / "ours") + 200
    assert differences(output, folder / "service") == [".copier-answers.yml"]


def test_every_phase_is_timed(folder: Path) -> None:
    clock = phases_of(folder / "ours", folder / "timed")
    assert set(clock.seconds) == {*PHASES, REST}
    assert templates.files_in(folder / "timed") > 100
