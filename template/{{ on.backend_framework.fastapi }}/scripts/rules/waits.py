"""Half of R6: calls that wait or reach out, in the modules that serve requests."""

import ast
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Final

from .project import MAIN, ROOT, python_files

# What a request may not wait for. Clients of other systems are in the contracts.
SLOW: Final = (
    "time.sleep",
    "asyncio.sleep",
    "asyncio.create_subprocess_",
    "anyio.sleep",
    "os.system",
    "os.popen",
    "subprocess.",
    "socket.create_connection",
    "urllib.request.",
    "http.client.HTTP",
)


def served() -> dict[str, ast.Module]:
    """The modules that the application imports, itself included, by the path of their files."""
    paths = {_dotted(path): path for path in python_files()}
    found: dict[str, ast.Module] = {}
    waiting = [MAIN]
    while waiting:
        path = paths.get(waiting.pop())
        if path is not None and str(path) not in found:
            tree = found[str(path)] = ast.parse(path.read_bytes())
            waiting += _imported(tree, path).values()
            # `from package import module` may mean either.
            waiting += [name.rpartition(".")[0] for name in _imported(tree, path).values()]
    return found


def slow_calls(modules: Mapping[str, ast.Module]) -> Iterator[str]:
    for name, tree in modules.items():
        path = Path(name)
        names = _imported(tree, path)
        for node in ast.walk(tree):
            if isinstance(node, ast.Call):
                called = _resolved(node.func, names)
                if called.startswith(SLOW) and not _gives_way(node):
                    yield (
                        f"{path.relative_to(ROOT).as_posix()}:{node.lineno}: a request waits for"
                        f" {called}(): leave the work to a job"
                    )


def _gives_way(call: ast.Call) -> bool:
    """`asyncio.sleep(0)` only lets other requests go on."""
    return [ast.unparse(argument) for argument in call.args] == ["0"]


def _imported(tree: ast.Module, path: Path) -> dict[str, str]:
    """What each imported name of a module stands for."""
    names: dict[str, str] = {}
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            for alias in node.names:
                head = alias.name.partition(".")[0]
                names[alias.asname or alias.name] = alias.name
                names.setdefault(alias.asname or head, alias.name if alias.asname else head)
        elif isinstance(node, ast.ImportFrom):
            package = _package(path, node.level) if node.level else []
            source = ".".join([*package, *([node.module] if node.module else [])])
            names |= {alias.asname or alias.name: f"{source}.{alias.name}" for alias in node.names}
    return names


def _package(path: Path, level: int) -> list[str]:
    return list(path.relative_to(ROOT).parts[: -level or None])


def _dotted(path: Path) -> str:
    parts = path.relative_to(ROOT).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


def _resolved(function: ast.expr, names: Mapping[str, str]) -> str:
    """The full name of what is called; empty where it is no plain name."""
    parts = ast.unparse(function).split(".")
    return ".".join([names[parts[0]], *parts[1:]]) if parts[0] in names else ""
