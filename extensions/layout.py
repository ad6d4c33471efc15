"""Where the code lands: modules, packages and import paths of the path answers."""

from dataclasses import dataclass, field
from pathlib import PurePosixPath
from types import SimpleNamespace
from typing import Any

from jinja2.ext import Extension
from jinja2.runtime import Context

ASKED = ("routes", "schemas")
# The library may lie below the API, so it is looked at first.
SUBPATHS = {"#lib": "lib_path", "#app": "api_structure"}
PATH_QUESTIONS = ("api_structure", "constants_path", "schemas_path", "routes_path", "lib_path")


@dataclass
class Module:
    """A source file that holds one part of some entities."""

    path: str
    module: str
    alias: str
    entities: list[Any] = field(default_factory=list)


def dotted(path: str) -> str:
    """Return the import path of a file or folder in Python."""
    return ".".join(PurePosixPath(path).with_suffix("").parts)


def specifier(path: str, context: Context) -> str:
    """Return what TypeScript imports a file by: one of the subpaths that package.json names."""
    if path == context["constants_path"]:
        return "#constants"
    stem = str(PurePosixPath(path).with_suffix(""))
    for subpath, question in SUBPATHS.items():
        folder = f"{context[question]}/"
        if stem.startswith(folder):
            return f"{subpath}/{stem.removeprefix(folder)}"
    return f"#root/{stem}"


def parents(path: str) -> list[str]:
    """Return the folders above a path, outermost first."""
    return [str(folder) for folder in reversed(PurePosixPath(path).parents)][1:]


def module_path(pattern: str, entity: str, suffix: str) -> str:
    """Return the file of an entity under a path answer."""
    if "{entity}" in pattern:
        return pattern.replace("{entity}", entity)
    return pattern if pattern.endswith(suffix) else f"{pattern}/{entity}{suffix}"


class Placement:
    """Says which files each path answer stands for."""

    def __init__(self, environment: Any) -> None:
        """Borrow the template's tree and the filters."""
        self.reserved: Any = environment.reserved
        self.camel: Any = environment.filters["camel"]

    def kinds(self, context: Context) -> list[str]:
        """Return the modules that an entity has: two stand where the user says, the rest below."""
        return [*ASKED, *self.reserved.framework(context)["parts"].split()]

    def files(self, context: Context, question: str, answer: str) -> list[str]:
        """Return the source files that land where an answer says."""
        names = [self.reserved.file_of(context, entity) for entity in context["bare_entities"]]
        main = self.reserved.file_of(context, context["bare_main"])
        suffix = self.reserved.language(context)["suffix"]
        if question in ("routes_path", "schemas_path"):
            return [module_path(answer, name, suffix) for name in names]
        if question == "constants_path":
            return [answer]
        own = [f"{answer}/{path}" for path in self.reserved.own_paths(context, question)]
        if question == "lib_path":
            return own
        kinds = self.kinds(context)
        fixed = [kind for kind in kinds if kind not in ASKED]
        own += [f"{answer}/{name}/{kind}{suffix}" for name in names for kind in fixed]
        return own + [f"{answer}/{main}/{kind}{suffix}" for kind in kinds]


class Layout:
    """All derived places for one set of answers."""

    def __init__(self, context: Context, placement: Placement) -> None:
        """Place every entity of the context."""
        self.context = context
        self.placement = placement
        language = placement.reserved.language(context)
        self.suffix: str = language["suffix"]
        self.subpaths: bool = language["subpaths"]
        self.main = context["bare_main"]
        self.entities = context["bare_entities"]
        feature = f"{context['api_structure']}/{{entity}}"
        patterns = {kind: f"{feature}/{kind}{self.suffix}" for kind in placement.kinds(context)}
        self.main.module = self._module_names(patterns, self.main)
        patterns |= {"routes": context["routes_path"], "schemas": context["schemas_path"]}
        for entity in self.entities:
            entity.module = self._module_names(patterns, entity)
        self.modules = SimpleNamespace(
            **{kind: self._place(kind, pattern) for kind, pattern in patterns.items()}
        )
        files = {
            path
            for question in PATH_QUESTIONS
            for path in placement.files(context, question, context[question])
            if path.endswith(self.suffix)
        }
        self.packages = sorted({folder for path in files for folder in parents(path)})
        self.source_roots = sorted({path.split("/")[0] for path in files})

    def imported(self, path: str) -> str:
        """Return what the stack's language imports a file or folder by."""
        return specifier(path, self.context) if self.subpaths else dotted(path)

    def _file(self, pattern: str, entity: Any) -> str:
        name = self.placement.reserved.file_of(self.context, entity)
        return module_path(pattern, name, self.suffix)

    def _place(self, kind: str, pattern: str) -> list[Module]:
        """Return the modules of one kind, in the order of their entities."""
        modules: dict[str, Module] = {}
        for entity in self.entities:
            path = self._file(pattern, entity)
            alias = f"{entity.name}_{kind}" if path != pattern else f"entity_{kind}"
            if self.subpaths:
                alias = self.placement.camel(alias)
            module = modules.setdefault(path, Module(path, self.imported(path), alias))
            module.entities.append(entity)
        return list(modules.values())

    def _module_names(self, patterns: dict[str, str], entity: Any) -> SimpleNamespace:
        return SimpleNamespace(
            **{
                kind: self.imported(self._file(pattern, entity))
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
