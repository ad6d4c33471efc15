import subprocess
import sys

import pytest

from .conftest import load_extension

python_code = load_extension("python_code")

LINES = """
from app.lib.pagination import paginate
from app.feedback import routes as feedback_routes
from app.feedback import models
from app.lib.errors import NotFound, MAX_SIZE, conflict, X
from app.lib.errors import Conflict
from app.feedback2.models import B
from app.feedback10.models import A
import app.settings
import app.constants as limits
from app.a_rather_long_package.with_a_module import FirstOfTheClasses, SecondOfTheClasses, third
from app.order_items.schemas import OrderItemCreate, OrderItemListParameters, OrderItemOut, OrderItemPatch
"""


def ruff(source: str, *arguments: str) -> str:
    command = [sys.executable, "-m", "ruff", *arguments, "--isolated", "--line-length", "100", "-"]
    return subprocess.run(command, input=source, capture_output=True, text=True).stdout


def test_imports_are_left_alone_by_ruff() -> None:
    source = python_code.python_imports(LINES)
    assert ruff(source, "check", "--quiet", "--select", "I", "--fix") == source
    assert ruff(source, "format") == source


def test_lines_of_one_module_are_merged() -> None:
    merged = python_code.python_imports("from a import c\nfrom a import b\nfrom a import c\n")
    assert merged == "from a import b, c\n"


def test_nothing_stays_nothing() -> None:
    assert python_code.python_imports("\n") == ""


def test_other_lines_are_refused() -> None:
    with pytest.raises(ValueError, match="not an import of one line: 'x = 1'"):
        python_code.python_imports("x = 1")


@pytest.mark.parametrize("count", [1, 2, 12])
@pytest.mark.parametrize("prefix", ["NAMES = ", "    names = "])
def test_tuples_are_left_alone_by_ruff(count: int, prefix: str) -> None:
    items = [f'"item_{number}"' for number in range(count)]
    statement = python_code.py_tuple(items, prefix)
    source = f"{statement}\n" if prefix[0] != " " else f"def f():\n{statement}\n"
    assert ruff(source, "format") == source


ITEMS = {
    "short": ["StrictStr", "Field(min_length=1)"],
    "middle": ["StrictStr", "Field(min_length=1, max_length=40, description='a long enough text')"],
    "long": [f'"value_number_{number}"' for number in range(9)],
}


@pytest.mark.parametrize("items", ITEMS.values(), ids=ITEMS)
@pytest.mark.parametrize("name", ["Short", "A" * 40])
def test_subscripts_are_left_alone_by_ruff(items: list[str], name: str) -> None:
    source = f"{python_code.py_wrap(items, f'{name} = Annotated[', ']')}\n".replace("'", '"')
    assert ruff(source, "format") == source


@pytest.mark.parametrize("value", ["", "None", "Field(default_factory=absent)", 'Field(alias="x")'])
@pytest.mark.parametrize("union", ["", " | None"])
@pytest.mark.parametrize("length", range(10, 76, 3))
def test_fields_are_left_alone_by_ruff(value: str, union: str, length: int) -> None:
    line = python_code.py_field("T" * length + union, "n" * 20, value)
    source = f"class Body:\n{line}\n"
    assert ruff(source, "format") == source
