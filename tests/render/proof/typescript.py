"""Nothing dead in TypeScript code: modules, exports, dependencies, settings."""

import json
import re
from collections import Counter
from collections.abc import Iterator, Mapping
from pathlib import PurePosixPath
from typing import Any

from .repo import Repo

IMPORT = re.compile(r"(?<![\"'])(?:\bfrom|\bimport|\bimport\()\s*[\"']([^\"'\s]+)[\"']")
EXPORT = re.compile(
    r"^export (?:default )?(?:abstract )?(?:async )?"
    r"(?:const|let|class|interface|type|enum|function\*?) (?P<name>[\w$]+)",
    re.MULTILINE,
)
# Packages that no code imports: their place is a command, a setting or another package.
NAMED_ELSEWHERE = {
    "@vitest/coverage-v8": r"--coverage|provider: \"v8\"",
    "@types/node": r"\"node\"",
    "typescript": r"\btsc\b",
    # What Vitest asks its users to bring.
    "vite": r"\bvitest\b",
    # Imported by the client that is generated of the models.
    "@prisma/client": r"\bprisma generate\b",
    "prisma": r"\bprisma (generate|migrate)\b",
    "reflect-metadata": r"reflect-metadata",
}
# Made by a tool from what is there, and not kept.
GENERATED = "generated/"
# What entities are made of: what the first ones do without is there for the next.
VOCABULARY = ("/columns.ts", "/fields.ts", "/validation.ts", "/responses.ts", "/errors.ts")


def _package(repo: Repo) -> dict[str, Any]:
    package: dict[str, Any] = json.loads(repo.texts["package.json"])
    return package


def sources(repo: Repo) -> dict[str, str]:
    """Return the TypeScript files and those of JavaScript that set tools up.

    What lies in packages/ stands in for packages of others, and keeps their rules.
    """
    return {
        name: text
        for name, text in repo.texts.items()
        if name.endswith((".ts", ".js", ".mjs")) and not name.startswith("packages/")
    }


def imports_of(text: str) -> Iterator[str]:
    """Yield what a file imports, as it is written."""
    code = "\n".join(line for line in text.splitlines() if not line.lstrip().startswith("//"))
    yield from IMPORT.findall(code)


def resolved(specifier: str, subpaths: Mapping[str, Any]) -> str:
    """Return the file of one of the repo's own imports, as package.json maps it."""
    for pattern, target in subpaths.items():
        path = target if isinstance(target, str) else target["source"]
        start, star, _ = pattern.partition("*")
        if specifier == pattern or (star and specifier.startswith(start)):
            return str(PurePosixPath(path.replace("*", specifier.removeprefix(start))))
    return ""


def _own_imports(repo: Repo, name: str) -> Iterator[tuple[str, str]]:
    subpaths = _package(repo)["imports"]
    for specifier in imports_of(repo.texts[name]):
        if specifier.startswith("#"):
            yield specifier, resolved(specifier, subpaths)


def unresolved_imports(repo: Repo) -> Iterator[str]:
    """Yield imports of the repo's own code that lead to no file, and relative ones."""
    for name in sources(repo):
        for specifier, path in _own_imports(repo, name):
            if path not in repo.texts and not path.startswith(GENERATED):
                yield f"{name}: {specifier} leads to no file"
        for specifier in imports_of(repo.texts[name]):
            if specifier.startswith("."):
                yield f"{name}: {specifier} is relative"


def _entries(repo: Repo) -> set[str]:
    commands = "\n".join(
        text for name, text in repo.texts.items() if not name.endswith((".md", ".ts"))
    )
    app = repo.app
    started = {f"{path}.ts" for path in re.findall(r"dist/([\w./-]+?)\.js", commands)}
    # $(SERVICE) is where the Makefile has the built code.
    started |= {f"{app}/{path}.ts" for path in re.findall(r"\$\(SERVICE\)/([\w-]+)\.js", commands)}
    # What another process of the same code is started from.
    started |= {
        resolved(found, _package(repo)["imports"])
        for text in sources(repo).values()
        for found in re.findall(r"import\.meta\.resolve\(\"(#[^\"]+)\"\)", text)
    }
    code = "\n".join(sources(repo).values())
    started |= {f"{app}/{path}.ts" for path in re.findall(r"dist/[\w./-]+/(\w+)\.js", code)}
    return started


def unreachable_modules(repo: Repo) -> Iterator[str]:
    """Yield modules that neither a command nor a test comes to, or a test alone."""
    names = {name for name in sources(repo) if name.endswith(".ts")}
    tests = {name for name in names if name.startswith("tests/")}
    tools = {name for name in names if "/" not in name and name.endswith(".config.ts")}
    started = _entries(repo)
    for judged, extra in ((names - tests, tools), (tests, tools | (names - tests))):
        waiting = [
            name
            for name in names
            if name in started
            or name in extra
            or (judged is tests and name.endswith((".test.ts", "support/servers.ts")))
        ]
        reached = set(waiting)
        while waiting:
            for _, path in _own_imports(repo, waiting.pop()):
                if path not in reached and path in names:
                    reached.add(path)
                    waiting.append(path)
        for name in sorted(judged - reached):
            yield f"{name}: nothing comes to this module"


def unused_names(repo: Repo) -> Iterator[str]:
    """Yield what is exported and named nowhere else."""
    code = {name: text for name, text in sources(repo).items() if not name.startswith("tests/")}
    words: Counter[str] = Counter()
    for text in code.values():
        words.update(re.findall(r"[\w$]+", re.sub(r"//.*|/\*.*?\*/", "", text)))
    for name, text in code.items():
        if name.endswith(VOCABULARY) or name.endswith(".config.js"):
            continue
        for found in EXPORT.finditer(text):
            if words[found["name"]] == 1:
                yield f"{name}: nothing uses {found['name']}"


def _root(specifier: str) -> str:
    return "/".join(specifier.split("/")[: 2 if specifier.startswith("@") else 1])


def unused_dependencies(repo: Repo) -> Iterator[str]:
    """Yield what is installed and neither imported nor named by a command or a setting."""
    package = _package(repo)
    code = sources(repo)
    service = {
        name: text for name, text in code.items() if not name.startswith(("tests/", "scripts/"))
    }
    everywhere = "\n".join(
        text for name, text in repo.texts.items() if not name.endswith((".md", "package.json"))
    ) + "\n".join(package["scripts"].values())
    for kind, texts in (("dependencies", service), ("devDependencies", code)):
        imported = {_root(found) for text in texts.values() for found in imports_of(text)}
        for name in package[kind]:
            if name in imported or name.removeprefix("@types/") in imported:
                continue
            told = NAMED_ELSEWHERE.get(name)
            if told is None and kind == "devDependencies":
                told = rf"\b{re.escape(name)} (--|\.|run|-)"
            if told is None or not re.search(told, everywhere):
                yield f"package.json: nothing uses {name}"


def undeclared_imports(repo: Repo) -> Iterator[str]:
    """Yield what the code imports and package.json does not name."""
    package = _package(repo)
    for name, text in sources(repo).items():
        of_service = not name.startswith(("tests/", "scripts/")) and "/" in name
        declared = {*package["dependencies"]}
        if not of_service:
            declared |= {*package["devDependencies"]}
        for specifier in imports_of(text):
            root = _root(specifier)
            if not specifier.startswith(("#", ".", "node:")) and root not in declared:
                yield f"{name}: it imports {root}, which package.json does not name"


def _settings(repo: Repo) -> dict[str, str]:
    """Return the fields of the settings, by the names of their variables."""
    text = repo.texts[f"{repo.app}/settings.ts"]
    body = "\n".join(re.findall(r"export interface \w*Settings[^{]*\{\n(.*?)\n\}", text, re.DOTALL))
    fields = re.findall(r"^  (\w+): ", body, re.MULTILINE)
    return {
        re.sub(r"(?=[A-Z])", "_", field).upper(): field
        for field in fields
        # Those are two variables each, and not fields.
        if field != "integrations"
    }


def unread_settings(repo: Repo) -> Iterator[str]:
    """Yield settings that no code reads."""
    path = f"{repo.app}/settings.ts"
    code = "\n".join(
        text
        for name, text in sources(repo).items()
        if name != path and not name.startswith("tests/")
    )
    for field in _settings(repo).values():
        if not re.search(rf"\b{field}\b", code):
            yield f"{path}: nothing reads {field}"


def undocumented_settings(repo: Repo) -> Iterator[str]:
    """Yield where the settings, the example of them and the README tell different things."""
    example = set(re.findall(r"^([A-Z][A-Z0-9_]*)=", repo.texts[".env.example"], re.MULTILINE))
    apis = repo.answers["external_apis"]
    named = apis if isinstance(apis, dict) else [one.strip() for one in str(apis).split(",")]
    own = {f"{name.upper()}_{part}" for name in named for part in ("BASE_URL", "API_KEY")}
    settings = {*_settings(repo), *own}
    for name in sorted(example ^ settings):
        yield f".env.example: {name} is not in both it and the settings"
    for name in re.findall(r"^\| `([A-Z][A-Z0-9_]+)` \|", repo.texts["README.md"], re.MULTILINE):
        if name not in settings:
            yield f"README.md: {name} is no setting"
