"""Where the code lands: modules, packages and import paths of the path answers."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath
from types import SimpleNamespace
from typing import Any

import yaml
from jinja2 import Environment
from jinja2.ext import Extension
from jinja2.runtime import Context

KINDS = ("routes", "schemas", "models", "repository", "service")
FRAMEWORKS = Path(__file__).with_name("frameworks.yml")


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


class Layout:
    """All derived places for one set of answers."""

    def __init__(self, context: Context, frameworks: dict[str, Any]) -> None:
        """Place every entity of the context."""
        framework = frameworks[context["backend_framework"]]
        self.suffix: str = framework["suffix"]
        self.app: str = context["api_structure"]
        self.lib: str = context["lib_path"]
        self.constants: str = context["constants_path"]
        self.features: list[str] = framework["features"]
        self.main = context["bare_main"]
        self.entities = context["bare_entities"]
        feature_file = f"{self.app}/{{entity}}"
        patterns = {kind: f"{feature_file}/{kind}{self.suffix}" for kind in KINDS}
        self.main.module = SimpleNamespace(
            **{
                kind: dotted(module_path(pattern, self.main.name, self.suffix))
                for kind, pattern in patterns.items()
            }
        )
        patterns |= {"routes": context["routes_path"], "schemas": context["schemas_path"]}
        self.modules = SimpleNamespace(
            **{
                kind: place(kind, pattern, self.entities, self.suffix)
                for kind, pattern in patterns.items()
            }
        )
        for entity in self.entities:
            entity.module = SimpleNamespace(
                **{
                    kind: dotted(module_path(pattern, entity.name, self.suffix))
                    for kind, pattern in patterns.items()
                }
            )

    @property
    def files(self) -> list[str]:
        """The files that the path answers name."""
        placed = [module.path for kind in KINDS for module in getattr(self.modules, kind)]
        return [self.constants, *placed]

    @property
    def packages(self) -> list[str]:
        """The folders that are packages."""
        features = [f"{self.app}/{name}/x" for name in [*self.features, self.main.name]]
        inside = [f"{self.app}/x", f"{self.lib}/x", *features, *self.files]
        return sorted({folder for path in inside for folder in parents(path)})

    @property
    def source_roots(self) -> list[str]:
        """The outermost folders and files that hold the service's code."""
        paths = [self.app, self.lib, *self.files]
        return sorted({PurePosixPath(path).parts[0] for path in paths})


class LayoutExtension(Extension):
    """Derives ``entities``, ``main``, ``modules``, ``packages`` and the import paths."""

    def __init__(self, environment: Environment) -> None:
        """Register the derivations."""
        super().__init__(environment)
        frameworks = yaml.safe_load(FRAMEWORKS.read_text(encoding="utf-8"))

        def layout(context: Context) -> Layout:
            return Layout(context, frameworks)

        derivations = getattr(environment, "derived").derivations
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
