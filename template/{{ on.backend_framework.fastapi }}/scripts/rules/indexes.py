"""R2: what is joined, filtered, sorted or compared by a policy is found through an index."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Column, Select, Table
from sqlalchemy.sql import visitors

from . import plans
from .catalogue import TENANT, Catalogue, ForeignKey, Index
from .statements import Reaching
from .verdict import Verdict, count, verdict
from .world import World


@dataclass(frozen=True)
class Access:
    """How one statement of a route reaches the rows of a table."""

    table: str
    filtered: frozenset[str]
    sorted: tuple[str, ...]
    route: str


async def check(world: World) -> Verdict:
    catalogue = world.catalogue
    functions, unsupported = await plans.unsupported(catalogue)
    accesses = await _accesses(world)
    failures = [
        *_foreign_keys(catalogue),
        *_policies(catalogue),
        *unsupported,
        *(failure for access in accesses for failure in _missing(access, catalogue)),
    ]
    columns = {(a.table, name) for a in accesses for name in (*a.filtered, *a.sorted)}
    return verdict(
        f"{count(len(catalogue.foreign_keys), 'foreign key')},"
        f" {count(len(catalogue.policy_columns), 'column')} in policies,"
        f" {count(len(columns), 'filtered or sorted column')}",
        f"{count(len(accesses), 'statement')} of routes, {count(functions, 'SQL function')},"
        f" {count(len(catalogue.indexes), 'index')} in the live catalogue",
        failures,
    )


async def _accesses(world: World) -> list[Access]:
    """Take every read with each of its filters, and look at the statements that this leads to."""
    service, examples = world.service, world.many.examples
    found: list[Access] = []
    for endpoint in service.endpoints:
        if not endpoint.is_api:
            continue
        queries: list[dict[str, Any]] = [{}]
        if endpoint.method == "GET":
            filters = endpoint.query_fields().items()
            queries += [{name: await examples.of(kind)} for name, kind in filters]
        for query in queries:
            service.statements.clauses = []
            await service.call(endpoint, world.many, query=query)
            for clause in service.statements.clauses:
                found += _access(clause, str(endpoint))
    return list(dict.fromkeys(found))


def _access(clause: Reaching, route: str) -> Iterator[Access]:
    sources: Sequence[Any]
    order: Sequence[Any]
    if isinstance(clause, Select):
        sources, order = clause.get_final_froms(), clause._order_by_clauses
    else:
        sources, order = [clause.table], ()
    for source in sources:
        if not isinstance(source, Table):
            continue
        condition = clause.whereclause
        filtered = [] if condition is None else _columns(condition, source)
        ordered = [name for by in order for name in _columns(by, source)]
        yield Access(source.name, frozenset(filtered) - frozenset(ordered), tuple(ordered), route)


def _columns(clause: Any, table: Table) -> list[str]:
    return [
        node.name
        for node in visitors.iterate(clause)
        if isinstance(node, Column) and getattr(node.table, "name", None) == table.name
    ]


def _missing(access: Access, catalogue: Catalogue) -> Iterator[str]:
    free = set(access.filtered) | {
        column for table, column in catalogue.policy_columns if table == access.table
    }
    fitting = [
        index for index in catalogue.indexes_of(access.table) if _serves(index, access, free)
    ]
    wanted = ", ".join((TENANT, *sorted(access.filtered - {TENANT}), *access.sorted))
    if not fitting:
        yield (
            f"{access.table}: {access.route} finds no index that fits"
            f" {_description(access)}: add one on ({wanted})"
        )
        return
    for name in sorted(access.filtered):
        served = any(
            name in index.predicate_columns or name in _leading(index, free) for index in fitting
        )
        if not served:
            yield (
                f"{access.table}.{name}: {access.route} filters by it, and no index that fits"
                f" {_description(access)} holds it: add one on ({wanted})"
            )


def _serves(index: Index, access: Access, free: set[str]) -> bool:
    """Its keys are columns that the statement or a policy fixes, then the order wanted."""
    if not set(index.predicate_columns) <= access.filtered:
        return False
    leading = _leading(index, free - set(access.sorted))
    rest = index.keys[len(leading) :]
    return tuple(rest[: len(access.sorted)]) == access.sorted


def _leading(index: Index, free: set[str]) -> list[str]:
    leading = []
    for key in index.keys:
        if key not in free:
            break
        leading.append(key)
    return leading


def _description(access: Access) -> str:
    parts = []
    if access.filtered:
        parts.append(f"WHERE {', '.join(sorted(access.filtered))}")
    if access.sorted:
        parts.append(f"ORDER BY {', '.join(access.sorted)}")
    return " ".join(parts) or "reading the account's rows"


def _foreign_keys(catalogue: Catalogue) -> Iterator[str]:
    for key in catalogue.foreign_keys:
        if not any(_covers(index, key) for index in catalogue.indexes_of(key.table)):
            yield (
                f"{key.table}: the foreign key ({', '.join(key.columns)}) to {key.target} is not"
                " led by an index: add one on these columns"
            )


def _covers(index: Index, key: ForeignKey) -> bool:
    if index.predicate and not _only_leaves_nulls_out(index, key.columns):
        return False
    own = set(key.columns) - {TENANT}
    return any(
        set(index.keys[:length]) <= set(key.columns) and own <= set(index.keys[:length])
        for length in range(1, len(key.columns) + 1)
    )


def _only_leaves_nulls_out(index: Index, columns: Iterable[str]) -> bool:
    return index.predicate in {f"({column} IS NOT NULL)" for column in columns}


def _policies(catalogue: Catalogue) -> Iterator[str]:
    for table, column in catalogue.policy_columns:
        leads = any(
            index.keys[0] == column and not index.predicate for index in catalogue.indexes_of(table)
        )
        if not leads:
            yield (
                f"{table}.{column}: a row-level security policy compares it, and no index begins"
                " with it: add one"
            )
