"""TypeScript code whose layout depends on the answers, laid out as Prettier would lay it out."""

import re
import textwrap
import unicodedata
from collections.abc import Callable, Iterable

from jinja2 import Environment
from jinja2.ext import Extension

LINE_LENGTH = 100
NAMED = re.compile(r"import (?P<type>type )?\{(?P<names>[^{}]+)\} from \"(?P<module>[^\"]+)\";")
OTHER = re.compile(r"import (type )?(\w+|\* as \w+) from \"(?P<module>[^\"]+)\";")
IDENTIFIER = re.compile(r"[A-Za-z_$][\w$]*", re.ASCII)


def _width(text: str) -> int:
    """Return the columns of a text: East Asian characters and emoji take two."""
    wide = sum(unicodedata.east_asian_width(character) in "WF" for character in text)
    return len(text) + wide - sum(unicodedata.combining(character) > 0 for character in text)


def _module_key(module: str) -> tuple[int, str]:
    """Sort what comes with Node first, then packages, then the service's own modules."""
    return (0 if module.startswith("node:") else 2 if module.startswith("#") else 1), module


def _listed(names: Iterable[str]) -> list[str]:
    return sorted(names, key=lambda name: (name.removeprefix("type ").lower(), name))


def _named(module: str, names: set[str]) -> str:
    """Write one import; a name that is imported as a value is not imported as a type besides."""
    names = {name for name in names if name.removeprefix("type ") not in names - {name}}
    only_types = all(name.startswith("type ") for name in names)
    start = "import type {" if only_types else "import {"
    listed = _listed(name.removeprefix("type ") if only_types else name for name in names)
    line = f'{start} {", ".join(listed)} }} from "{module}";'
    # A name that is alone stays on its line, however long that is.
    if len(line) <= LINE_LENGTH or len(listed) == 1:
        return line
    return start + "".join(f"\n  {name}," for name in listed) + f'\n}} from "{module}";'


def ts_imports(text: str) -> str:
    """Merge, sort and wrap import lines; the result ends with a newline when there is one."""
    named: dict[str, set[str]] = {}
    statements: list[tuple[tuple[int, str], int, str]] = []
    for line in dict.fromkeys(filter(None, map(str.strip, text.splitlines()))):
        if match := NAMED.fullmatch(line):
            kind = match["type"] or ""
            names = filter(None, map(str.strip, match["names"].split(",")))
            named.setdefault(match["module"], set()).update(
                name if name.startswith("type ") else f"{kind}{name}" for name in names
            )
        elif match := OTHER.fullmatch(line):
            statements.append((_module_key(match["module"]), 0, line))
        else:
            raise ValueError(f"ts_imports: not an import of one line: {line!r}")
    statements += [
        (_module_key(module), 1, _named(module, names)) for module, names in named.items()
    ]
    return "".join(f"{statement}\n" for *_, statement in sorted(statements))


def _indent(prefix: str) -> str:
    return " " * (len(prefix) - len(prefix.lstrip(" ")))


def ts_wrap(items: Iterable[str], prefix: str, suffix: str) -> str:
    """Return items between a bracket and its end, on one line where that fits.

    ``prefix`` is all that stands before them on their line, indentation included, ``suffix`` all
    that follows: ``ts_wrap("  const values = [", "];")``. A brace takes a blank at both sides.
    """
    items = list(items)
    blank = " " if prefix.endswith("{") and items else ""
    line = f"{prefix}{blank}{', '.join(items)}{blank}{suffix}"
    if _width(line) <= LINE_LENGTH:
        return line
    indent = _indent(prefix)
    listed = "".join(f"{indent}  {item},\n" for item in items)
    return f"{prefix}\n{listed}{indent}{suffix}"


def ts_union(items: Iterable[str], prefix: str, suffix: str = ";") -> str:
    """Return a type's alternatives after ``prefix``, such as ``type Status =``."""
    items = list(items)
    line = f"{prefix} {' | '.join(items)}{suffix}"
    if _width(line) <= LINE_LENGTH:
        return line
    indent = _indent(prefix)
    return prefix + "".join(f"\n{indent}  | {item}" for item in items) + suffix


def ts_text(text: str, prefix: str, quote: Callable[[str], str]) -> str:
    """Return an assigned text, such as to ``const NAME =``: on its line, or on the next."""
    line = f"{prefix} {quote(text)};"
    if _width(line) <= LINE_LENGTH:
        return line
    return f"{prefix}\n{_indent(prefix)}  {quote(text)};"


def ts_key(text: str) -> str:
    """Write a property's name: as it is where it may stand so, otherwise in quotes."""
    return text if IDENTIFIER.fullmatch(text) else f'"{text}"'


def ts_comment(text: str) -> str:
    """Return a text as lines of a comment."""
    columns = LINE_LENGTH - 3
    if _width(text) > len(text):
        columns //= 2
    return "\n".join(f"// {line}" for line in textwrap.wrap(text, columns))


class TypescriptCodeExtension(Extension):
    """Registers the filters."""

    def __init__(self, environment: Environment) -> None:
        """Register the filters; quotes are chosen as Python's formatter chooses them."""
        super().__init__(environment)
        quote = environment.filters["py_string"]
        environment.filters.update(
            ts_imports=ts_imports,
            ts_wrap=ts_wrap,
            ts_union=ts_union,
            ts_key=ts_key,
            ts_comment=ts_comment,
            ts_string=quote,
            ts_text=lambda text, prefix: ts_text(text, prefix, quote),
        )
