"""Judges the domain: entities, their fields, tables and integrations."""

import re
from typing import Any

from jinja2.ext import Extension
from jinja2.runtime import Context

ENUM_VALUE = re.compile(r"[a-z][a-z0-9]*([_-][a-z0-9]+)*")
# An index entry of PostgreSQL holds 2,704 bytes, and a character takes up to four.
LONGEST_UNIQUE = 640
SORTABLE = ("string", "integer", "decimal", "datetime", "reference")


class Domain:
    """The judgements, with the reserved names and the reader of their environment."""

    def __init__(self, environment: Any) -> None:
        """Borrow what earlier extensions made."""
        self.reserved: Any = environment.reserved
        self.reader: Any = environment.domain_reader
        self.filters = environment.filters

    def main_entity(self, context: Context, answer: Any) -> None:
        """Refuse a main entity whose table or module would be in the way."""
        self.reserved.check_word(context, answer, 36)
        self._collection(context, self.reader.main(answer))

    def key_entities(self, context: Context, answer: Any) -> None:
        """Refuse entities that clash with each other, the service, SQL or the language."""
        for name in self.reader.specs(answer):
            self.reserved.check_word(context, name)
        main = self.reader.main(context["main_entity"])
        entities = self.reader.entities(answer, main)
        if len(entities) > 30:
            raise ValueError("more than 30 entities are more than one service")
        seen = {_folded(main.singular): f"{main.name}, the main entity"}
        suffixes = ["", *self.reserved.framework_words(context, "suffixes")]
        classes = {f"{main.cls}{suffix}": main.name for suffix in suffixes}
        for entity in entities:
            self._collection(context, entity)
            other = seen.setdefault(_folded(entity.singular), entity.name)
            if other != entity.name:
                raise ValueError(f"{entity.name} is the same entity as {other}")
            self._fields(context, entity)
            columns = [self.filters["pascal"](field.column) for field in entity.fields]
            for name in [f"{entity.cls}{part}" for part in [*suffixes, *columns]]:
                if name in classes:
                    raise ValueError(
                        f"{entity.name} and {classes[name]} would both need a type {name}"
                    )
                classes[name] = entity.name

    def core_tables(self, context: Context, answer: str) -> None:
        """Refuse what is not a list of table names."""
        names = [name.strip() for name in answer.split(",")]
        for name in names:
            self.reserved.check_word(context, name, 63)
        if len(set(names)) != len(names):
            raise ValueError("a table is listed twice")

    def external_apis(self, context: Context, answer: Any) -> None:
        """Refuse integrations whose settings, modules or purposes could not be written."""
        taken = {
            path.parts[1].split(".")[0]
            for path in self.reserved.own_paths(context, "api_structure")
            if path.parts[0] == "integrations" and len(path.parts) > 1
        }
        # Where folders are packages, a module in any of them may hide what comes from elsewhere.
        packages = self.reserved.language(context)["packages"]
        barred = self.reserved.taken_at_root(context) if packages else frozenset()
        integrations = self.reader.integrations(answer)
        if not integrations:
            raise ValueError("name one system at least, such as apideck: CRM sync")
        if len(integrations) > 20:
            raise ValueError("more than 20 integrations are more than one service")
        for integration in integrations:
            self.reserved.check_word(context, integration.name, 30)
            if self.reserved.file_of(context, integration) in taken | barred:
                raise ValueError(f"{integration.name} is the name of a module of the service")
            purpose = integration.purpose
            if not isinstance(purpose, str) or len(purpose) > 200 or not purpose.isprintable():
                raise ValueError(
                    f"the purpose of {integration.name} is one line of up to 200 characters"
                )

    def _collection(self, context: Context, entity: Any) -> None:
        words = self.reserved.words
        own = self.reserved.own_names(context, "api_structure")
        self.reserved.check_word(context, entity.name)
        if entity.singular in {self.filters["singular"](table) for table in words["tables"]}:
            raise ValueError(f"{entity.name} is a table that every service has")
        if entity.name in words["sql"]:
            raise ValueError(f"{entity.name} is a word of SQL")
        if self.filters["kebab"](entity.name) in words["segments"]:
            raise ValueError(f"{entity.name}: /{entity.slug} is a route that every service has")
        if self.reserved.file_of(context, entity) in own | words["parts"]:
            raise ValueError(f"{entity.name} is a module that every service has")
        if entity.cls in self.reserved.language(context)["keywords"].split():
            raise ValueError(f"{entity.name}: the class name {entity.cls} is a keyword")
        taken = self.reserved.framework_words(context, "classes")
        if entity.cls in taken | {*self.reserved.language(context)["globals"].split()}:
            raise ValueError(
                f"{entity.name}: the class name {entity.cls} is taken by a class that the "
                "service uses"
            )

    def _fields(self, context: Context, entity: Any) -> None:
        if len(entity.fields) > 50:
            raise ValueError(f"{entity.name} has more than 50 fields")
        attributes = self.reserved.attributes(context)
        columns = {self.filters["camel"](name) for name in self.reserved.words["columns"]}
        for field in entity.fields:
            where = f"{entity.name}.{field.name}"
            try:
                self.reserved.check_word(context, field.name, what="field")
            except ValueError as error:
                raise ValueError(f"{where}: {error}") from None
            if field.column in self.reserved.words["sql"]:
                raise ValueError(f"{where}: {field.name} is a word of SQL")
            if field.column in attributes:
                raise ValueError(f"{where}: {field.name} is a name that the service's code uses")
            if field.json in columns:
                raise ValueError(f"{where}: the entity has a field {field.json} already")
            columns.add(field.json)
            length = len(entity.cls + field.column + self.filters["pascal"](field.column))
            if length > self.reserved.framework(context)["longest_field"]:
                raise ValueError(f"{where}: these two names are too long together")
            _limits(where, field)
            if field.target is entity and not field.optional:
                raise ValueError(f"{where}: no first row could refer to another; make it optional")


def _folded(name: str) -> str:
    return name.replace("_", "")


def _limits(where: str, field: Any) -> None:
    if field.type == "string" and not 0 <= field.min <= field.max <= 10_000:
        raise ValueError(f"{where}: bounds go from 0 to 10000, the smaller one first")
    if field.type == "string" and field.max == 0:
        raise ValueError(f"{where}: a string of no characters holds nothing")
    if field.unique and field.type not in SORTABLE:
        raise ValueError(f"{where}: unique goes with {', '.join(SORTABLE)}, not {field.type}")
    if field.unique and field.type == "string" and field.max > LONGEST_UNIQUE:
        raise ValueError(f"{where}: a unique string has up to {LONGEST_UNIQUE} characters")
    if len(field.values) > 50:
        raise ValueError(f"{where}: an enum has up to 50 values")
    for value in field.values:
        if not ENUM_VALUE.fullmatch(value) or len(value) > 50:
            raise ValueError(
                f"{where}: {value!r} is not a value such as in_progress or in-progress, of up to "
                "50 characters"
            )
    if len({value.replace("-", "_") for value in field.values}) != len(field.values):
        raise ValueError(f"{where}: an enum lists each value once")


class DomainExtension(Extension):
    """Registers the judgements."""

    def __init__(self, environment: Any) -> None:
        """Add each method under the name of its question."""
        super().__init__(environment)
        domain = Domain(environment)
        judges = environment.derived.judges
        for question in ("main_entity", "key_entities", "core_tables", "external_apis"):
            judges[question] = getattr(domain, question)
