"""Where the code lands: modules, packages and import paths of the path answers."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import PurePosixPath
from types import SimpleNamespace
from typing import Any

from jinja2.ext import Extension
from jinja2.runtime import Context

FIXED = ("models", "repository", "service")
KINDS = ("routes", "schemas", *FIXED)
PATH_QUESTIONS = ("api_structure", "constants_path", "schemas_path", "routes_path", "lib_path")


@dataclass
class Module:
    """A source file that holds one part of some entities."""

    path: str
    module: str
    alias: str
    entities: list[Any] = field(default_factory=list)


def dotted(path: str) -> str:
    """Return the import path of a file or folder."""
    return ".".join(PurePosixPath(path).with_suffix("").parts)


def parents(path: str) -> list[str]:
    """Return the folders above a path, outermost first."""
    return [str(folder) for folder in reversed(PurePosixPath(path).parents)][1:]


def module_path(pattern: str, entity: str, suffix: str) -> str:
    """Return the file of an entity under a path answer."""
    if "{entity}" in pattern:
        return pattern.replace("{entity}", entity)
    return pattern if pattern.endswith(suffix) else f"{pattern}/{entity}{suffix}"


def place(kind: str, pattern: str, entities: Iterable[Any], suffix: str) -> list[Module]:
    """Return the modules of one kind, in the order of their entities."""
    modules: dict[str, Module] = {}
    for entity in entities:
        path = module_path(pattern, entity.name, suffix)
        alias = f"{entity.name}_{kind}" if path != pattern else f"entity_{kind}"
        modules.setdefault(path, Module(path, dotted(path), alias)).entities.append(entity)
    return list(modules.values())


class Placement:
    """Says which files each path answer stands for."""

    def __init__(self, environment: Any) -> None:
        """Borrow the template's tree."""
        self.reserved: Any = environment.reserved

    def files(self, context: Context, question: str, answer: str) -> list[str]:
        """Return the source files that land where an answer says."""
        entities, main = context["bare_entities"], context["bare_main"]
        suffix = self.reserved.language(context)["suffix"]
        if question in ("routes_path", "schemas_path"):
            return [module_path(answer, entity.name, suffix) for entity in entities]
        if question == "constants_path":
            return [answer]
        own = [f"{answer}/{path}" for path in self.reserved.own_paths(context, question)]
        if question == "lib_path":
            return own
        fixed = [f"{answer}/{entity.name}/{kind}{suffix}" for entity in entities for kind in FIXED]
        return own + fixed + [f"{answer}/{main.name}/{kind}{suffix}" for kind in KINDS]


class Layout:
    """All derived places for one set of answers."""

    def __init__(self, context: Context, placement: Placement) -> None:
        """Place every entity of the context."""
        self.suffix: str = placement.reserved.language(context)["suffix"]
        self.main = context["bare_main"]
        self.entities = context["bare_entities"]
        feature = f"{context['api_structure']}/{{entity}}"
        patterns = {kind: f"{feature}/{kind}{self.suffix}" for kind in KINDS}
        self.main.module = self._module_names(patterns, self.main.name)
        patterns |= {"routes": context["routes_path"], "schemas": context["schemas_path"]}
        for entity in self.entities:
            entity.module = self._module_names(patterns, entity.name)
        self.modules = SimpleNamespace(
            **{
                kind: place(kind, pattern, self.entities, self.suffix)
                for kind, pattern in patterns.items()
            }
        )
        files = {
            path
            for question in PATH_QUESTIONS
            for path in placement.files(context, question, context[question])
            if path.endswith(self.suffix)
        }
        self.packages = sorted({folder for path in files for folder in parents(path)})
        self.source_roots = sorted({path.split("/")[0] for path in files})

    def _module_names(self, patterns: dict[str, str], entity: str) -> SimpleNamespace:
        return SimpleNamespace(
            **{
                kind: dotted(module_path(pattern, entity, self.suffix))
                for kind, pattern in patterns.items()
            }
        )


class LayoutExtension(Extension):
    """Derives ``entities``, ``main``, ``modules``, ``packages`` and the import paths."""

    def __init__(self, environment: Any) -> None:
        """Register the derivations."""
        super().__init__(environment)
        placement = Placement(environment)
        environment.extend(placement=placement)

        def layout(context: Context) -> Layout:
            return Layout(context, placement)

        derivations = environment.derived.derivations
        derivations.update(
            layout=layout,
            entities=lambda context: context["layout"].entities,
            main=lambda context: context["layout"].main,
            modules=lambda context: context["layout"].modules,
            packages=lambda context: context["layout"].packages,
            source_roots=lambda context: context["layout"].source_roots,
            app_package=lambda context: dotted(context["api_structure"]),
            lib_package=lambda context: dotted(context["lib_path"]),
            constants_module=lambda context: dotted(context["constants_path"]),
        )
