"""Fills the lists of an account: first through the routes, then by copying rows in the database."""

from .catalogue import TENANT, Catalogue, Column, Index
from .service import Service, Tenant

ROUNDS = 3
# Far from the values that examples have.
FAR = 1_000_000

COPIES = {
    "uuid": "gen_random_uuid()",
    "text": "{column} || '-' || n",
    "character varying": "{column} || '-' || n",
    "integer": "{column} + n",
    "bigint": "{column} + n",
    "numeric": "{column} + n",
    "timestamp with time zone": "{column} + n * interval '1 second'",
    "date": "{column} + n::integer",
}


async def create(service: Service, tenant: Tenant) -> None:
    """Call what creates rows, more than once: some need a row that another has to create first."""
    for _ in range(ROUNDS):
        for endpoint in service.endpoints:
            if endpoint.method in ("POST", "PUT") and endpoint.is_api:
                await service.call(endpoint, tenant)


async def multiply(catalogue: Catalogue, tenant: Tenant, wanted: int) -> None:
    """Copy a row of every table of the account until there are enough."""
    for table in catalogue.tables:
        columns = catalogue.columns_of(table)
        varied = _varied(catalogue, table)
        if not catalogue.has_tenant(table) or varied is None:
            continue
        names = ", ".join(f'"{column.name}"' for column in columns)
        values = ", ".join(_copy(column, column.name in varied) for column in columns)
        # The names come from the catalogue of this very database.
        statement = (
            f"INSERT INTO {table} ({names}) SELECT {values}"  # noqa: S608
            f" FROM (SELECT * FROM {table} WHERE {TENANT} = :account_id LIMIT 1) AS example,"
            f" generate_series({FAR} + 1, {FAR} + :missing) AS n"
        )
        counting = f"SELECT count(*) AS number FROM {table} WHERE {TENANT} = :account_id"  # noqa: S608
        (present,) = await catalogue.rows(counting, account_id=tenant.account_id)
        missing = max(0, wanted - present.number)
        await catalogue.rows(statement, account_id=tenant.account_id, missing=missing)


def _varied(catalogue: Catalogue, table: str) -> set[str] | None:
    """One column of each unique index that copies must differ in; None if an index has none."""
    references = {
        name for key in catalogue.foreign_keys if key.table == table for name in key.columns
    }
    types = {column.name: column.type for column in catalogue.columns_of(table)}

    def last(index: Index) -> str | None:
        free = [name for name in index.keys if types.get(name) in COPIES and name not in references]
        return free[-1] if free else None

    chosen = [last(index) for index in catalogue.indexes_of(table) if index.unique]
    return None if None in chosen else {name for name in chosen if name}


def _copy(column: Column, varied: bool) -> str:
    quoted = f'"{column.name}"'
    return COPIES[column.type].format(column=quoted) if varied else quoted
