"""The domain: entities with typed fields, the main entity, the integrations.

Parsing is strict, and every refusal is a ``ValueError`` whose text tells a user what to write.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import yaml
from jinja2 import Environment
from jinja2.ext import Extension
from jinja2.runtime import Context

TYPES = (
    "string",
    "text",
    "integer",
    "decimal",
    "boolean",
    "datetime",
    "enum",
    "json",
    "reference",
)
FEEDBACK = {
    "content": "string(1..1000)",
    "sentiment": "enum(positive, neutral, negative)",
    "metadata": "json?",
}
PLAIN = {"name": "string(1..200)", "metadata": "json?"}
FIELD = re.compile(
    r"(?P<type>[a-z]+)\s*(\((?P<arguments>[^()]*)\))?\s*(?P<optional>\?)?(\s+(?P<unique>unique))?"
)


@dataclass
class Field:
    """One field of an entity."""

    name: str
    column: str
    json: str
    type: str
    min: int | None = None
    max: int | None = None
    values: tuple[str, ...] = ()
    optional: bool = False
    unique: bool = False
    target_name: str = ""
    target: "Entity | None" = None


@dataclass
class Entity:
    """A collection that the service keeps, in every form its name takes."""

    name: str
    singular: str
    slug: str
    camel: str
    cls: str
    label: str
    is_main: bool = False
    fields: list[Field] = field(default_factory=list)
    module: Any = None

    @property
    def table(self) -> str:
        """The table's name: the collection as the user wrote it."""
        return self.name


@dataclass(frozen=True)
class Integration:
    """An external system that jobs call."""

    name: str
    slug: str
    env: str
    cls: str
    purpose: str


class DomainReader:
    """Reads answers into entities, with the name filters of its environment."""

    def __init__(self, environment: Environment) -> None:
        """Borrow the filters that names.py registered."""
        self.filters = environment.filters

    def entity(self, name: str, *, is_main: bool = False) -> Entity:
        """Return the entity of a collection's name, without fields."""
        singular = self.filters["singular"](name)
        return Entity(
            name=name,
            singular=singular,
            slug=self.filters["kebab"](name),
            camel=self.filters["camel"](name),
            cls=self.filters["pascal"](singular),
            label=singular.replace("_", " "),
            is_main=is_main,
        )

    def main(self, answer: Any) -> Entity:
        """Return the main entity; its singular and its plural are both understood."""
        if not isinstance(answer, str):
            raise ValueError("main_entity is one name, such as company")
        return self.entity(self.filters["plural"](self.filters["singular"](answer)), is_main=True)

    def entities(self, answer: Any, main: Entity) -> list[Entity]:
        """Return the entities of ``key_entities``, referenced ones before those that refer."""
        found = []
        for name, fields in self.specs(answer).items():
            entity = self.entity(name)
            entity.fields = [self.field(name, *item) for item in fields.items()]
            found.append(entity)
        known = {entity.name: entity for entity in [main, *found]}
        for entity in found:
            for column in entity.fields:
                if column.type != "reference":
                    continue
                if column.target_name not in known:
                    raise ValueError(
                        f"{entity.name}.{column.name} refers to {column.target_name}, which is "
                        f"not an entity; known are {', '.join(known)}"
                    )
                column.target = known[column.target_name]
        return in_creation_order(found)

    def specs(self, answer: Any) -> dict[str, Mapping[Any, Any]]:
        """Return field specifications by entity name."""
        return entity_specs(yaml_answer(answer))

    def field(self, entity: str, name: Any, spec: Any) -> Field:
        """Return the field of a line such as ``sku: string(1..40) unique``."""
        where = f"{entity}.{name}"
        if not isinstance(name, str):
            raise ValueError(f"{entity}: {name!r} is not a field's name; put it in quotes")
        if not isinstance(spec, str):
            raise ValueError(f"{where} needs a type, for example {name}: string(1..200)")
        match = FIELD.fullmatch(spec.strip())
        if match is None or match["type"] not in TYPES:
            raise ValueError(
                f"{where}: {spec!r} is not a type; write one of {', '.join(TYPES)}, "
                "with ? for optional and unique after it"
            )
        column = f"{name}_id" if match["type"] == "reference" else name
        result = Field(
            name=name,
            column=column,
            json=self.filters["camel"](column),
            type=match["type"],
            optional=bool(match["optional"]),
            unique=bool(match["unique"]),
        )
        _apply_arguments(result, where, match["arguments"])
        return result

    def integrations(self, answer: Any) -> list[Integration]:
        """Return the integrations of ``external_apis``."""
        answer = yaml_answer(answer)
        if isinstance(answer, str):
            answer = _listed(answer)
        if isinstance(answer, list):
            answer = _named(answer)
        if not isinstance(answer, Mapping) or not all(isinstance(name, str) for name in answer):
            raise ValueError("write YAML, name: purpose, such as stripe: payments")
        return [
            Integration(
                name=name,
                slug=self.filters["kebab"](name),
                env=name.upper(),
                cls=self.filters["pascal"](name),
                purpose="data sync" if purpose is None else purpose,
            )
            for name, purpose in answer.items()
        ]


def _listed(text: str) -> list[str]:
    return [part.strip() for part in text.split(",") if part.strip()]


def _named(names: list[Any]) -> dict[str, None]:
    for name in names:
        if not isinstance(name, str):
            raise ValueError(f"a list holds names alone, and {str(name)[:60]!r} is none")
        if names.count(name) > 1:
            raise ValueError(f"{name} is listed twice")
    return dict.fromkeys(names)


def entity_specs(answer: Any) -> dict[str, Mapping[Any, Any]]:
    """Return field specifications by entity name, whichever way the answer was written."""
    if isinstance(answer, str):
        answer = _listed(answer)
    if isinstance(answer, list):
        answer = _named(answer)
    if not isinstance(answer, Mapping) or not answer:
        raise ValueError("write a list such as feedback, orders or YAML with typed fields")
    specs: dict[str, Mapping[Any, Any]] = {}
    for name, given in answer.items():
        fields = (FEEDBACK if name == "feedback" else PLAIN) if given is None else given
        if not isinstance(fields, Mapping) or not fields:
            raise ValueError(f"{name} needs fields, each a line name: type")
        specs[name] = fields
    return specs


def _apply_arguments(field: Field, where: str, arguments: str | None) -> None:
    if field.type == "string":
        bounds = re.fullmatch(
            r"([0-9]{1,5})\s*\.\.\s*([0-9]{1,5})", (arguments or "1..200").strip()
        )
        if bounds is None:
            raise ValueError(f"{where}: a string's bounds are written string(1..200)")
        field.min, field.max = int(bounds[1]), int(bounds[2])
    elif field.type == "enum":
        field.values = tuple(_listed((arguments or "").replace("|", ",")))
        if not field.values:
            raise ValueError(f"{where}: an enum lists its values, enum(draft, paid)")
    elif field.type == "reference":
        field.target_name = (arguments or "").strip()
        if not field.target_name:
            raise ValueError(f"{where}: a reference names its entity, reference(companies)")
    elif arguments is not None:
        raise ValueError(f"{where}: {field.type} takes no arguments")


def in_creation_order(entities: list[Entity]) -> list[Entity]:
    """Sort so that a table's references exist before it, otherwise as the user wrote them."""
    waiting, ordered = list(entities), []
    while waiting:
        for entity in waiting:
            others = [other for other in waiting if other is not entity]
            targets = [field.target for field in entity.fields]
            if not any(other is target for other in others for target in targets):
                break
        else:
            names = " and ".join(entity.name for entity in waiting)
            raise ValueError(f"{names} refer to each other in a circle; drop one reference")
        waiting.remove(entity)
        ordered.append(entity)
    return ordered


def yaml_answer(answer: Any) -> Any:
    """Return a YAML answer parsed: Copier hands over text until it has cast it."""
    if not isinstance(answer, str):
        return answer
    try:
        return yaml.safe_load(answer)
    except yaml.YAMLError as error:
        problem = getattr(error, "problem", None) or "it cannot be read"
        raise ValueError(f"this is not YAML: {problem}") from None


class EntitiesExtension(Extension):
    """Derives ``main``, ``domain`` and ``integrations``; layout.py places them in modules."""

    def __init__(self, environment: Any) -> None:
        """Register the derivations."""
        super().__init__(environment)
        reader = DomainReader(environment)

        def main(context: Context) -> Entity:
            return reader.main(context.get("main_entity"))

        def domain(context: Context) -> list[Entity]:
            return reader.entities(context.get("key_entities"), main(context))

        def integrations(context: Context) -> list[Integration]:
            return reader.integrations(context.get("external_apis"))

        environment.extend(domain_reader=reader, yaml_answer=yaml_answer)
        derivations = environment.derived.derivations
        derivations.update(bare_main=main, bare_entities=domain, integrations=integrations)
