"""What a service that exists already keeps: answers its code rests on, and files that are its own.

The answers file of the destination tells that it exists. What Copier renders beside it, to find
out what changed between two versions of the template, stands in empty folders: there nothing is
checked, and an update counts every entity as one that exists.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml
from jinja2.ext import Extension
from jinja2.runtime import Context

BY_HAND = (
    "To change it by hand, change the code, then this line of {file}, commit both, and update again"
)
ELSEWHERE = "Generate a new service beside this one and move the code over"
# Whose code would have to be written anew.
STACK = ("backend_framework", "database_system", "orm_tool", "validation_lib")
PLACES = ("api_structure", "constants_path", "schemas_path", "routes_path", "lib_path")
REVISION = re.compile(r"^revision\b[^=\n]*=\s*[\"']([^\"']+)[\"']", re.MULTILINE)
DOWN_REVISION = re.compile(r"^down_revision\b[^=\n]*=\s*(\([^)]*\)|[^\n]*)", re.MULTILINE)
NUMBERED = re.compile(r"(\d{4})_.*\.sql")
QUOTED = re.compile(r"[\"']([^\"']+)[\"']")


@dataclass(frozen=True)
class EntityMigration:
    """The migration that creates an entity's table: its id and the id of the one before it."""

    entity: Any
    id: str
    parent: str


def history(sources: Iterable[str]) -> tuple[list[str], list[str]]:
    """Return the ids of migrations, and those of them that no other one follows."""
    ids: list[str] = []
    followed: set[str] = set()
    for source in sources:
        if found := REVISION.search(source):
            ids.append(found[1])
            before = DOWN_REVISION.search(source)
            followed.update(QUOTED.findall(before[1]) if before else ())
    return ids, [one for one in ids if one not in followed]


class Lineage:
    """Compares the answers with those that the destination was generated with."""

    def __init__(self, environment: Any) -> None:
        """Borrow what earlier extensions made."""
        self.reader: Any = environment.domain_reader
        self.reserved: Any = environment.reserved
        self.kebab = environment.filters["kebab"]
        self._remembered: dict[Path, dict[str, Any]] = {}

    def remembered(self, context: Context) -> dict[str, Any]:
        """Return the answers that the destination was generated with, none if it is new.

        They are read once: the run itself overwrites them.
        """
        conf = context["_copier_conf"]
        path = Path(conf["dst_path"], conf["answers_file"])
        if path not in self._remembered:
            self._remembered[path] = _read_answers(path)
        return self._remembered[path]

    def check(self, context: Context, question: str, answer: Any) -> None:
        """Raise ValueError for an answer that would take the ground from under existing code."""
        before = self.remembered(context)
        if question not in before or answer == before[question]:
            return
        was = before[question]
        by_hand = BY_HAND.format(file=context["_copier_conf"]["answers_file"])
        if question in STACK:
            raise ValueError(f"this service was generated with {was}. {ELSEWHERE}")
        if question in PLACES:
            raise ValueError(f"this service has its code at {was}. {by_hand}")
        if question == "main_entity" and self.reader.main(was) != self.reader.main(answer):
            raise ValueError(f"this service was generated around {was}. {by_hand}")
        if question == "external_apis":
            kept = {integration.name for integration in self.reader.integrations(answer)}
            for integration in self.reader.integrations(was):
                if integration.name not in kept:
                    raise ValueError(f"{integration.name} has been generated. {by_hand}")
        if question == "key_entities":
            self._check_entities(was, answer, by_hand)
            self._last_migration(context)

    def _check_entities(self, was: Any, answer: Any, by_hand: str) -> None:
        specs = self.reader.specs(answer)
        for name, fields in self.reader.specs(was).items():
            if name not in specs:
                raise ValueError(f"{name} has been generated, and so stays. {by_hand}")
            if dict(specs[name]) != dict(fields):
                raise ValueError(f"the fields of {name} have been generated. {by_hand}")

    def entity_migrations(self, context: Context) -> list[EntityMigration]:
        """Return the migrations of the entities that the destination does not have yet."""
        existing = self._existing_entities(context)
        number, parent = self._last_migration(context)
        found = []
        for entity in context["entities"]:
            if entity.name not in existing:
                number += 1
                found.append(EntityMigration(entity, f"{number:04}", parent))
                parent = found[-1].id
        return found

    def _existing_entities(self, context: Context) -> frozenset[str]:
        before = self.remembered(context)
        return frozenset(self.reader.specs(before["key_entities"]) if before else ())

    def _last_migration(self, context: Context) -> tuple[int, str]:
        migrations = self.reserved.framework(context)["migrations"]
        if not self.remembered(context):
            return int(migrations["last"]), migrations["last"]
        folder = Path(context["_copier_conf"]["dst_path"], migrations["folder"])
        names = (NUMBERED.fullmatch(file.name) for file in folder.glob("*"))
        if numbered := sorted(name[1] for name in names if name):
            # Files of SQL run in the order of their names.
            return int(numbered[-1]), numbered[-1]
        files = sorted(folder.glob("*.py"))
        ids, ends = history(file.read_text(encoding="utf-8") for file in files)
        if len(ends) != 1:
            raise ValueError(
                "a new entity's migration follows the last one, but in "
                f"{migrations['folder']} these are last: {', '.join(ends) or 'none'}; "
                "let it be one first"
            )
        return max((int(one) for one in ids if re.fullmatch(r"\d{4}", one)), default=0), ends[0]

    def owned_paths(self, context: Context) -> list[str]:
        """Return the files that are the user's once they are generated, `*` for any part."""
        entities = [entity.name for entity in context["entities"]]
        integrations = [integration.name for integration in context["integrations"]]
        return self._owned(context, entities, integrations)

    def owned_files(self, context: Context) -> str:
        """Return those of them that an update finds: a pattern a line, as Copier excludes paths."""
        entities = [entity.name for entity in context["entities"]]
        integrations = [integration.name for integration in context["integrations"]]
        if before := self.remembered(context):
            known = {one.name for one in self.reader.integrations(before["external_apis"])}
            integrations = [name for name in integrations if name in known]
            existing = self._existing_entities(context)
            entities = [name for name in entities if name in existing]
        return "\n".join(f"/{path}" for path in self._owned(context, entities, integrations))

    def _owned(self, context: Context, entities: list[str], integrations: list[str]) -> list[str]:
        found = {
            module.path
            for kind, modules in vars(context["modules"]).items()
            if not self._is_shared(context, kind)
            for module in modules
            if module.entities[0].name in entities
        }
        names = {
            "entity": entities,
            "integration": integrations,
            "main": [context["main"].name],
        }
        owned = self.reserved.framework(context)["owned"]
        # An ORM may have files of its own for each of them.
        for listed in (owned, owned.get(context["orm_tool"], {})):
            for kind, owners in names.items():
                found |= {
                    pattern.format(app=context["api_structure"], name=name, slug=self.kebab(name))
                    for pattern in listed.get(kind, ())
                    for name in owners
                }
        return sorted(found)

    def _is_shared(self, context: Context, kind: str) -> bool:
        """Tell whether all entities share the file of a kind, so that a new one has to join it."""
        pattern = context.get(f"{kind}_path", "{entity}")
        suffix: str = self.reserved.language(context)["suffix"]
        return "{entity}" not in pattern and pattern.endswith(suffix)


def _read_answers(path: Path) -> dict[str, Any]:
    if not path.is_file():
        return {}
    answers = yaml.safe_load(path.read_text(encoding="utf-8"))
    return answers if isinstance(answers, dict) else {}


class LineageExtension(Extension):
    """Derives the migrations of new entities and the owned files."""

    def __init__(self, environment: Any) -> None:
        """Register the derivations."""
        super().__init__(environment)
        lineage = Lineage(environment)
        environment.extend(lineage=lineage)
        environment.derived.derivations.update(
            entity_migrations=lineage.entity_migrations,
            owned_files=lineage.owned_files,
            owned_paths=lineage.owned_paths,
        )
