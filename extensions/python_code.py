"""Python code whose layout depends on the answers, laid out as ruff would lay it out."""

import re
import textwrap
import unicodedata
from collections.abc import Callable, Iterable

from jinja2 import Environment
from jinja2.ext import Extension

LINE_LENGTH = 100
FROM_IMPORT = re.compile(r"from (?P<module>[\w.]+) import (?P<names>.+)")
PLAIN_IMPORT = re.compile(r"import [\w.]+( as \w+)?")

NaturalKey = list[tuple[int, int, str]]


def _natural(text: str) -> NaturalKey:
    parts = re.findall(r"\d+|\D", text)
    return [(0, int(part), "") if part.isdigit() else (1, 0, part) for part in parts]


def _name_key(name: str) -> tuple[int, NaturalKey, NaturalKey]:
    is_constant = len(name) > 1 and name.isupper()
    kind = 0 if is_constant else 1 if name[:1].isupper() else 2
    return kind, _natural(name.lower()), _natural(name)


def _statement(module: str, names: list[str]) -> str:
    line = f"from {module} import {', '.join(names)}"
    if len(line) <= LINE_LENGTH:
        return line
    listed = "".join(f"    {name},\n" for name in names)
    return f"from {module} import (\n{listed})"


def py_tuple(items: Iterable[str], prefix: str = "") -> str:
    """Return ``prefix`` and a tuple of expressions, on one line where that fits.

    The prefix is all that stands before the tuple on its line, indentation included.
    """
    items = list(items)
    joined = f"({items[0]},)" if len(items) == 1 else f"({', '.join(items)})"
    if len(prefix + joined) <= LINE_LENGTH:
        return prefix + joined
    indent = " " * (len(prefix) - len(prefix.lstrip(" ")))
    listed = "".join(f"{indent}    {item},\n" for item in items)
    return f"{prefix}(\n{listed}{indent})"


def python_imports(text: str) -> str:
    """Merge, sort and wrap import lines; the result ends with a newline when there is one."""
    plain: set[str] = set()
    members: dict[str, set[str]] = {}
    renamed: set[tuple[str, str]] = set()
    for line in filter(None, map(str.strip, text.splitlines())):
        if PLAIN_IMPORT.fullmatch(line):
            plain.add(line)
        elif match := FROM_IMPORT.fullmatch(line):
            for name in match["names"].strip("() ").rstrip(",").split(","):
                if " as " in name:
                    renamed.add((match["module"], name.strip()))
                else:
                    members.setdefault(match["module"], set()).add(name.strip())
        else:
            raise ValueError(f"python_imports: not an import of one line: {line!r}")
    statements = [(module, sorted(names, key=_name_key)) for module, names in members.items()]
    statements += [(module, [name]) for module, name in renamed]
    statements.sort(
        key=lambda statement: (
            _natural(statement[0].lower()),
            _natural(statement[0]),
            _name_key(statement[1][0].split(" ")[0]),
        )
    )
    ordered = sorted(plain, key=lambda line: _natural(line.lower()))
    ordered += [_statement(module, names) for module, names in statements]
    return "".join(f"{statement}\n" for statement in ordered)


def py_wrap(items: Iterable[str], before: str, after: str) -> str:
    """Return a call or subscript: on one line, else its inside on the next, else one item a line.

    ``before`` is all that stands on the line up to and with the opening bracket.
    """
    items = list(items)
    inside = ", ".join(items)
    if len(before + inside + after) <= LINE_LENGTH:
        return before + inside + after
    indent = " " * (len(before) - len(before.lstrip(" ")))
    if len(indent + "    " + inside) <= LINE_LENGTH:
        return f"{before}\n{indent}    {inside}\n{indent}{after}"
    listed = "".join(f"{indent}    {item},\n" for item in items)
    return f"{before}\n{listed}{indent}{after}"


def py_field(annotation: str, name: str, value: str = "", indent: str = "    ") -> str:
    """Return an annotated attribute; a value is ``None`` or a call."""
    line = f"{indent}{name}: {annotation}"
    assigned = f" = {value}" if value else ""
    if len(line + assigned) <= LINE_LENGTH:
        return line + assigned
    function, bracket, arguments = value.partition("(")
    opened = f"{line} = {function}("
    union = " | " in annotation
    # First the call is broken, then the value goes into brackets, last the annotation does; a plain
    # name in its place does not break.
    if bracket and len(opened) <= LINE_LENGTH:
        return py_wrap([arguments.removesuffix(")")], opened, ")")
    if value and len(f"{line} = (") <= LINE_LENGTH:
        return f"{line} = (\n{indent}    {value}\n{indent})"
    if bracket and not union:
        return py_wrap([arguments.removesuffix(")")], opened, ")")
    if value and not union:
        return line + assigned
    return f"{line[: -len(annotation)]}(\n{indent}    {annotation}\n{indent}){assigned}"


def _width(text: str) -> int:
    """Return the columns of a text: East Asian characters and emoji take two."""
    wide = sum(unicodedata.east_asian_width(character) in "WF" for character in text)
    return len(text) + wide - sum(unicodedata.combining(character) > 0 for character in text)


def py_text(text: str, prefix: str, quote: Callable[[str], str]) -> str:
    """Return ``prefix`` and a literal: on its line, on the next, or as parts of a line each."""
    literal = quote(text)
    if _width(prefix + literal) <= LINE_LENGTH:
        return prefix + literal
    indent = " " * (len(prefix) - len(prefix.lstrip(" ")))
    lines = [literal]
    if _width(f"{indent}    {literal}") > LINE_LENGTH:
        lines = [quote(text[start : start + 40]) for start in range(0, len(text), 40)]
    listed = "".join(f"{indent}    {line}\n" for line in lines)
    return f"{prefix}(\n{listed}{indent})"


def py_comment(text: str) -> str:
    """Return a text as lines of a comment."""
    columns = LINE_LENGTH - 3
    if _width(text) > len(text):
        columns //= 2
    return "\n".join(f"# {line}" for line in textwrap.wrap(text, columns))


class PythonCodeExtension(Extension):
    """Registers the filters."""

    def __init__(self, environment: Environment) -> None:
        """Register the filters."""
        super().__init__(environment)
        environment.filters.update(
            python_imports=python_imports,
            py_tuple=py_tuple,
            py_text=lambda text, prefix: py_text(text, prefix, environment.filters["py_string"]),
            py_comment=py_comment,
            py_wrap=py_wrap,
            py_field=py_field,
        )
