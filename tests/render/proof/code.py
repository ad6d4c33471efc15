"""Nothing dead in the code: modules, names, dependencies, settings, files."""

import ast
import re
import sys
import tomllib
from collections import Counter
from collections.abc import Iterator

from .repo import Repo, module_of

# Where a distribution's module has another name, or none of its own in the code.
MODULES = {
    "pyjwt": "jwt",
    "import-linter": "importlinter",
    "pytest-asyncio": "asyncio_mode",
    "pytest-cov": "--cov",
    "types-psutil": "psutil",
    "asyncpg-stubs": "asyncpg",
    "celery-types": "celery",
    "types-boto3": "boto3",
    "detect-secrets": "detect_secrets",
    "pre-commit": "pre-commit",
    "httptools": "httptools_impl",
    # uvicorn takes the faster loop when it is there.
    "uvloop": "uvicorn",
}
# Parts of a dependency that have a name of their own.
PARTS = {
    "starlette": "fastapi",
    "kombu": "celery",
    "httpcore2": "httpx2",
    "botocore": "boto3",
    "types_boto3_sqs": "boto3",
}
# Names that a framework calls: hooks of the standard library, of migrations, of base classes.
CALLED_FROM_OUTSIDE = {
    *("upgrade", "downgrade", "revision", "down_revision", "branch_labels", "depends_on"),
    *("model_config", "metadata", "naming_convention", "type_annotation_map"),
    # Not used but kept: naming the models is what makes their tables known.
    "MODELS",
    # The tests relay by it, as they have no worker.
    "process_due",
}
# What entities are made of: what the first ones do without is there for the next.
VOCABULARY = ("fields.py",)
# Files that a tool finds by their name alone.
FOUND_BY_NAME = {
    *("README.md", "LICENSE", "AGENTS.md", "CLAUDE.md", "GEMINI.md", "Makefile", "Dockerfile"),
    *(".editorconfig", ".gitattributes", ".gitignore", ".dockerignore", ".importlinter"),
    *(".pre-commit-config.yaml", ".env.example", "compose.yaml", "pyproject.toml", "alembic.ini"),
    *("package.json", "tsconfig.json", "eslint.config.js", "vitest.config.ts", "Procfile"),
    *(".prettierrc.json", ".prettierignore", ".npmrc", ".yarnrc.yml", "pnpm-workspace.yaml"),
    *("bunfig.toml", "pre-commit", "schema.prisma"),
    *("py.typed", "copilot-instructions.md", "dependabot.yml", "renovate.json", "script.py.mako"),
}
# Found by imports, which other checks follow, or, migrations, by their folder.
CODE = (".py", ".ts", ".sql")
ROLE = re.compile(r"backend-architect(\.agent)?\.(md|mdc|toml)|\.github/workflows/\w+\.yml")


def imports_of(tree: ast.Module, name: str) -> Iterator[str]:
    """Yield the modules that a file may import: each name could be a module."""
    package = module_of(name.rpartition("/")[0] + "/__init__.py").split(".")
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            base = node.module or ""
            if node.level:
                parents = package[: len(package) + 1 - node.level]
                base = ".".join([*parents, base] if base else parents)
            yield base
            yield from (f"{base}.{alias.name}" for alias in node.names)


def _known(repo: Repo) -> dict[str, str]:
    return {module_of(name): name for name in repo.trees}


def _started(repo: Repo) -> set[str]:
    """Return the modules that commands name, as `python -m` or as an application's place."""
    commands = "\n".join(text for name, text in repo.texts.items() if not name.endswith(".md"))
    found = set(re.findall(r"-m[\", ]+([a-z_][\w.]*)", commands))
    found |= set(re.findall(r"\b([a-z_]\w*(?:\.\w+)+):\w", commands))
    return found | {f"{module}.__main__" for module in found}


def _is_entry(name: str, started: set[str]) -> bool:
    """Tell whether something outside of Python's imports starts a file."""
    if name.startswith("migrations/versions/") or name == "migrations/env.py":
        return True
    if name.startswith("tests/"):
        return name.rpartition("/")[2].startswith(("test_", "conftest"))
    # A queue's own server is found by this name where there is one.
    return name.startswith("scripts/services/queue_") or module_of(name) in started


def unreachable_modules(repo: Repo) -> Iterator[str]:
    """Yield the modules that neither a command nor the API, worker or a test comes to."""
    known = _known(repo)
    started = _started(repo)
    tests = {name for name in repo.trees if name.startswith("tests/")}
    # What only a test comes to is dead all the same.
    for scope, judged in (
        (set(repo.trees) - tests, set(repo.trees) - tests),
        (set(known.values()), tests),
    ):
        waiting = [name for name in scope if _is_entry(name, started)]
        reached = set(waiting)
        while waiting:
            name = waiting.pop()
            wanted = {*imports_of(repo.trees[name], name), module_of(name)}
            for module in wanted:
                # A module's packages are run before it.
                parts = module.split(".")
                for length in range(1, len(parts) + 1):
                    found = known.get(".".join(parts[:length]))
                    if found in scope and found not in reached:
                        reached.add(found)
                        waiting.append(found)
        for name in sorted(judged - reached):
            if not name.endswith("__init__.py"):
                yield f"{name}: nothing comes to this module"


def unmarked_packages(repo: Repo) -> Iterator[str]:
    """Yield folders of imported code without a marker, and markers of folders without code."""
    files = {name for name in repo.service_files() if "/" in name}
    folders = {name.rpartition("/")[0] for name in files}
    for folder in sorted(folders):
        inside = [name for name in files if name.startswith(f"{folder}/")]
        if f"{folder}/__init__.py" not in files:
            yield f"{folder}: the package has no __init__.py"
        if all(name.endswith("__init__.py") for name in inside):
            yield f"{folder}: the package is empty"


def unused_names(repo: Repo) -> Iterator[str]:
    """Yield functions, classes, methods and constants of the service that nothing else names."""
    scope = [name for name in repo.trees if not name.startswith("tests/")]
    words: Counter[str] = Counter()
    for name in scope:
        words.update(re.findall(r"[A-Za-z_]\w*", ast.unparse(repo.trees[name])))
    for name in scope:
        if name.endswith(VOCABULARY):
            continue
        for node, decorated in _definitions(repo.trees[name]):
            called = decorated or node.startswith("__") or node in CALLED_FROM_OUTSIDE
            if not called and words[node] == 1:
                yield f"{name}: nothing uses {node}"


def _definitions(tree: ast.Module) -> Iterator[tuple[str, bool]]:
    for node in tree.body:
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
            yield node.name, bool(node.decorator_list)
        elif isinstance(node, ast.Assign | ast.AnnAssign):
            targets = node.targets if isinstance(node, ast.Assign) else [node.target]
            yield from ((item.id, False) for item in targets if isinstance(item, ast.Name))
        if isinstance(node, ast.ClassDef):
            for item in node.body:
                if isinstance(item, ast.FunctionDef | ast.AsyncFunctionDef):
                    # A base class of a library calls what it declares.
                    yield item.name, bool(item.decorator_list or node.bases)


def _pins(repo: Repo) -> Iterator[tuple[str, bool]]:
    project = tomllib.loads(repo.texts["pyproject.toml"])
    for pins, of_tests in (
        (project["project"]["dependencies"], False),
        (project["dependency-groups"]["dev"], True),
    ):
        for pin in pins:
            found = re.match(r"[A-Za-z0-9._-]+", pin)
            assert found
            yield found[0].lower(), of_tests


def unused_dependencies(repo: Repo) -> Iterator[str]:
    """Yield what is installed and neither imported nor named by a command or a setting."""
    service = [
        text
        for name, text in repo.texts.items()
        if name.endswith(".py") and not name.startswith(("tests/", "scripts/"))
    ]
    tools = [
        re.sub(r"(?s)^.*?\n\[tool", "[tool", text) if name == "pyproject.toml" else text
        for name, text in repo.texts.items()
        if not name.endswith((".md", ".txt", ".yml"))
    ]
    for name, of_tests in _pins(repo):
        module = MODULES.get(name, name.replace("-", "_"))
        # A word, or the driver in a URL's scheme.
        word = re.compile(rf"(?<![\w-]){re.escape(module)}(?![\w-])")
        if not any(word.search(text) for text in (tools if of_tests else service)):
            yield f"pyproject.toml: nothing uses {name}"


def undeclared_imports(repo: Repo) -> Iterator[str]:
    """Yield what the service imports and its dependencies do not name."""
    own = {module.split(".")[0] for module in _known(repo)}
    pins = dict(_pins(repo))
    declared = {
        MODULES.get(name, name.replace("-", "_")) for name, tests in pins.items() if not tests
    }
    for name in repo.service_files():
        for module in imports_of(repo.trees[name], name):
            root = module.split(".")[0]
            if PARTS.get(root, root) not in own | declared | sys.stdlib_module_names:
                yield f"{name}: it imports {root}, which pyproject.toml does not name"


def _settings(repo: Repo) -> list[str]:
    tree = repo.trees[f"{repo.app}/settings.py"]
    return [
        item.target.id
        for node in tree.body
        if isinstance(node, ast.ClassDef)
        for item in node.body
        if isinstance(item, ast.AnnAssign) and isinstance(item.target, ast.Name)
    ]


def unread_settings(repo: Repo) -> Iterator[str]:
    """Yield settings that no code reads."""
    read = {
        node.attr
        for name in repo.trees
        if not name.startswith("tests/")
        for node in ast.walk(repo.trees[name])
        if isinstance(node, ast.Attribute) and isinstance(node.ctx, ast.Load)
    }
    for setting in _settings(repo):
        if setting not in read:
            yield f"{repo.app}/settings.py: nothing reads {setting}"


def undocumented_settings(repo: Repo) -> Iterator[str]:
    """Yield where the settings, the example of them and the documents tell different things."""
    example = set(re.findall(r"^([A-Z][A-Z0-9_]*)=", repo.texts[".env.example"], re.MULTILINE))
    settings = {name.upper() for name in _settings(repo)}
    for name in sorted(example ^ settings):
        yield f".env.example: {name} is not in both it and the settings"
    told = re.findall(r"^\| `([A-Z][A-Z0-9_]+)` \|", repo.texts["README.md"], re.MULTILINE)
    for name in told:
        if name not in settings:
            yield f"README.md: {name} is no setting"
    required = re.findall(r"^    (\w+): str$", repo.texts[f"{repo.app}/settings.py"], re.MULTILINE)
    for name in required:
        if name.upper() not in told:
            yield f"README.md: {name.upper()} has no default and is not told"


def dead_files(repo: Repo) -> Iterator[str]:
    """Yield files that no other file names and that no tool looks for."""
    everything = "\n".join(repo.texts.values())
    for name in repo.texts:
        base = name.rpartition("/")[2]
        if name.endswith(CODE) or base in FOUND_BY_NAME or ROLE.search(name):
            continue
        if not re.search(rf"(?<![\w.-]){re.escape(base)}(?![\w-])", everything):
            yield f"{name}: nothing names this file"
