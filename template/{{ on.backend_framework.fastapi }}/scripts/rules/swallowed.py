"""Finds `except` clauses after which nobody learns of an error."""

import ast
from collections.abc import Iterator

from .project import ROOT, python_files

EVERYTHING = {"Exception", "BaseException"}
LOGGERS = {"log", "logger", "logging", "handleError"}
# Handing an error to these tells nobody.
MUTE = {"str", "repr", "print", "type", "isinstance", "format", "len"}


def handlers() -> int:
    return sum(isinstance(node, ast.ExceptHandler) for _, node in _nodes())


def errors() -> Iterator[str]:
    for place, node in _nodes():
        if isinstance(node, ast.ExceptHandler):
            broad = node.type is None or bool(_names(node.type) & EVERYTHING)
            if _does_nothing(node) or (broad and not _tells(node)):
                caught = ast.unparse(node.type) if node.type else "everything"
                yield (
                    f"{place}: swallows {caught}: catch what is expected, and raise the rest again"
                    " or log it"
                )
        elif _suppresses_everything(node):
            yield f"{place}: suppresses every exception: name the expected one"


def _nodes() -> Iterator[tuple[str, ast.AST]]:
    for path in python_files():
        for node in ast.walk(ast.parse(path.read_bytes())):
            yield f"{path.relative_to(ROOT).as_posix()}:{getattr(node, 'lineno', 0)}", node


def _names(expression: ast.expr) -> set[str]:
    nodes = list(ast.walk(expression))
    names = {node.id for node in nodes if isinstance(node, ast.Name)}
    return names | {node.attr.strip("_") for node in nodes if isinstance(node, ast.Attribute)}


def _does_nothing(handler: ast.ExceptHandler) -> bool:
    return all(
        isinstance(statement, ast.Pass)
        or (isinstance(statement, ast.Expr) and isinstance(statement.value, ast.Constant))
        for statement in handler.body
    )


def _tells(handler: ast.ExceptHandler) -> bool:
    """Raises, logs, or hands the error on to a function."""
    for node in ast.walk(ast.Module(handler.body, [])):
        if isinstance(node, ast.Raise):
            return True
        if isinstance(node, ast.Call):
            if _names(node.func) & LOGGERS:
                return True
            given = [*node.args, *(keyword.value for keyword in node.keywords)]
            heard = not _names(node.func) & MUTE
            if heard and any(handler.name in _handed_on(argument) for argument in given):
                return True
    return any(
        isinstance(node, ast.Assign | ast.Return)
        and node.value is not None
        and handler.name in _handed_on(node.value)
        for node in handler.body
    )


def _handed_on(argument: ast.expr) -> set[str | None]:
    """The error itself, rather than its text."""
    return {argument.id} if isinstance(argument, ast.Name) else set()


def _suppresses_everything(node: ast.AST) -> bool:
    return (
        isinstance(node, ast.Call)
        and "suppress" in _names(node.func)
        and any(_names(argument) & EVERYTHING for argument in node.args)
    )
