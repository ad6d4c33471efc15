from pathlib import Path

import pytest
from copier.errors import UserMessageError

from .conftest import ROOT, Value, load_extension

excerpts = load_extension("excerpts")

SOURCE = """\
import x

    # region: api-route
    def f():
        return 1

    # endregion
y = 2
"""


def test_a_region_is_dedented_and_trimmed() -> None:
    assert excerpts.region_of(SOURCE, "api-route", "f.py") == "def f():\n    return 1"


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("x = 1", "is in f.py 0 times, not once"),
        (SOURCE + SOURCE, "is in f.py 2 times, not once"),
        ("# region: api-route\nx = 1\n", "in f.py has no endregion"),
        ("# region: api-route\n# region: queue\n# endregion\n", "in f.py has no endregion"),
    ],
)
def test_a_broken_region_is_named(text: str, message: str) -> None:
    with pytest.raises(UserMessageError, match=message):
        excerpts.region_of(text, "api-route", "f.py")


def test_the_markers_are_found_in_any_comment(tmp_path: Path) -> None:
    (tmp_path / "a.sql").write_text("-- region: rls-policy\n")
    (tmp_path / "b.ts").write_text("// region: api-route\n// region: queue\n")
    found = excerpts.find_regions(tmp_path)
    assert {name: [path.name for path in paths] for name, paths in found.items()} == {
        "rls-policy": ["a.sql"],
        "api-route": ["b.ts"],
        "queue": ["b.ts"],
    }


def test_folders_that_are_not_entered_are_not_read(tmp_path: Path) -> None:
    for folder in ("taken", "left out"):
        (tmp_path / folder).mkdir()
        (tmp_path / folder / "a.sql").write_text("-- region: rls-policy\n")
    found = excerpts.find_regions(tmp_path, lambda folder: folder == "taken")
    assert found == {"rls-policy": [tmp_path / "taken" / "a.sql"]}


def test_an_unknown_region_is_named(value: Value) -> None:
    with pytest.raises(UserMessageError, match="Region no-such is in 0 files of this stack"):
        value("excerpt('no-such')")


REGIONS = sorted(excerpts.find_regions(ROOT / "template"))


@pytest.mark.parametrize("region", REGIONS)
def test_every_region_of_the_template_can_be_shown(value: Value, region: str) -> None:
    text = value(f"excerpt('{region}')")
    assert text
    assert "{{" not in text.replace("${{", "")
    assert "region:" not in text


@pytest.mark.parametrize(
    ("answers", "path"),
    [
        ({}, "app/feedback/routes.py"),
        ({"key_entities": "orders"}, "app/orders/routes.py"),
        ({"routes_path": "views.py"}, "views.py"),
    ],
)
def test_an_excerpt_knows_the_generated_file_that_it_is_from(
    value: Value, answers: dict[str, str], path: str
) -> None:
    assert value("excerpt('api-route').path", **answers) == path
