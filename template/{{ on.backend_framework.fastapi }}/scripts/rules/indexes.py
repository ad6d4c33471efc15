"""R2: what is joined, filtered, sorted or compared by a policy is found through an index."""

from collections.abc import Iterable, Iterator

from . import accesses, plans
from .accesses import Access
from .catalogue import TENANT, Catalogue, ForeignKey, Index
from .verdict import Verdict, count, verdict
from .world import World


async def check(world: World) -> Verdict:
    catalogue = world.catalogue
    functions, unsupported = await plans.unsupported(catalogue)
    found = await accesses.of_routes(world)
    failures = [
        *_foreign_keys(catalogue),
        *_policies(catalogue),
        *unsupported,
        *(failure for access in found for failure in _missing(access, catalogue)),
    ]
    columns = {(a.table, name) for a in found for name in (*a.filtered, *a.sorted)}
    return verdict(
        f"{count(len(catalogue.foreign_keys), 'foreign key')},"
        f" {count(len(catalogue.policy_columns), 'column')} in policies,"
        f" {count(len(columns), 'filtered or sorted column')}",
        f"{count(len(found), 'statement')} of routes, {count(functions, 'SQL function')},"
        f" {count(len(catalogue.indexes), 'index')} in the live catalogue",
        failures,
    )


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
