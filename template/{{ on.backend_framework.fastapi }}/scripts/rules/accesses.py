"""How the statements that routes really run reach the rows of tables."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Column, Join, Select, Table
from sqlalchemy.sql import visitors
from sqlalchemy.sql.selectable import AliasedReturnsRows

from . import plans
from .statements import Reaching
from .world import World


@dataclass(frozen=True)
class Access:
    """How one statement of a route reaches the rows of a table."""

    table: str
    filtered: frozenset[str]
    sorted: tuple[str, ...]
    route: str


async def of_routes(world: World) -> list[Access]:
    """Take every read with each of its filters, and look at the statements that this leads to."""
    service, examples = world.service, world.many.examples
    found: list[Access] = []
    for endpoint in service.endpoints:
        if not endpoint.is_api:
            continue
        queries: list[dict[str, Any]] = [{}]
        if endpoint.method == "GET":
            parameters = endpoint.query.items()
            queries += [{name: await examples.of(known.schema)} for name, known in parameters]
        for query in queries:
            service.statements.forget()
            await service.call(endpoint, world.many, query=query)
            for clause in service.statements.clauses:
                found += _of_clause(clause, str(endpoint))
            for statement in service.statements.written:
                for table, filtered, ordered in await plans.reached(world.catalogue, statement):
                    found.append(Access(table, filtered, ordered, str(endpoint)))
    return list(dict.fromkeys(found))


def _of_clause(clause: Reaching, route: str) -> Iterator[Access]:
    if not isinstance(clause, Select) and isinstance(clause.table, Table):
        condition = clause.whereclause
        filtered = [] if condition is None else _columns(condition, clause.table)
        yield Access(clause.table.name, frozenset(filtered), (), route)
    for node in visitors.iterate(clause):
        if isinstance(node, Select):
            yield from _of_select(node, route)


def _of_select(select: Select[Any], route: str) -> Iterator[Access]:
    # What a join adds is looked up by the columns of its condition.
    conditions = [] if select.whereclause is None else [select.whereclause]
    for source, join in _sources(select.get_final_froms()):
        table = source.element if isinstance(source, AliasedReturnsRows) else source
        if not isinstance(table, Table):
            continue
        looked_up = [*conditions, join.onclause] if join is not None else conditions
        filtered = {name for clause in looked_up for name in _columns(clause, source)}
        ordered = tuple(name for by in select._order_by_clauses for name in _columns(by, source))
        yield Access(table.name, frozenset(filtered) - frozenset(ordered), ordered, route)


def _sources(froms: Any) -> Iterator[tuple[Any, Join | None]]:
    """Each table with the join that adds it; None for those that a statement starts from."""
    for source in froms:
        if isinstance(source, Join):
            yield from _sources([source.left])
            yield from ((added, join or source) for added, join in _sources([source.right]))
        else:
            yield source, None


def _columns(clause: Any, source: Any) -> list[str]:
    """The columns of one table or alias; what a statement within asks for is its own."""
    if isinstance(clause, Select):
        return []
    if isinstance(clause, Column):
        return [clause.name] if getattr(clause.table, "name", None) == source.name else []
    return [name for inner in clause.get_children() for name in _columns(inner, source)]
