"""What is really in the database, read as the owner of its schema."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any

from sqlalchemy import text
from sqlalchemy.engine import make_url
from sqlalchemy.ext.asyncio import AsyncConnection, create_async_engine

TENANT = "account_id"

TABLES = """
    SELECT CASE n.nspname WHEN 'public' THEN c.relname ELSE n.nspname || '.' || c.relname END
    FROM pg_class AS c JOIN pg_namespace AS n ON n.oid = c.relnamespace
    -- Ordinary, partitioned, foreign ones and materialized views; a partition is its table's.
    WHERE c.relkind IN ('r', 'p', 'f', 'm') AND NOT c.relispartition
      AND n.nspname NOT IN ('pg_catalog', 'information_schema')
    ORDER BY 1
"""
INDEXES = """
    SELECT t.relname::text AS "table", i.relname::text AS name, x.indisunique AS "unique",
        pg_get_expr(x.indpred, x.indrelid) AS predicate,
        ARRAY(
            SELECT coalesce(a.attname::text, '(expression)')
            FROM unnest(x.indkey::int2[]) WITH ORDINALITY AS k (number, place)
            LEFT JOIN pg_attribute AS a
                ON a.attrelid = t.oid AND a.attnum = k.number AND a.attnum > 0
            WHERE k.place <= x.indnkeyatts ORDER BY k.place
        ) AS keys,
        ARRAY(
            SELECT a.attname::text FROM pg_attribute AS a
            WHERE a.attrelid = t.oid AND a.attnum > 0
              AND pg_get_expr(x.indpred, x.indrelid) ~ ('\\m' || a.attname || '\\M')
        ) AS predicate_columns
    FROM pg_index AS x
    JOIN pg_class AS i ON i.oid = x.indexrelid
    JOIN pg_class AS t ON t.oid = x.indrelid
    JOIN pg_namespace AS n ON n.oid = t.relnamespace AND n.nspname = 'public'
    WHERE x.indisvalid
"""
FOREIGN_KEYS = """
    SELECT t.relname::text AS "table", target.relname::text AS target,
        ARRAY(
            SELECT a.attname::text FROM unnest(c.conkey) WITH ORDINALITY AS k (number, place)
            JOIN pg_attribute AS a ON a.attrelid = t.oid AND a.attnum = k.number ORDER BY k.place
        ) AS columns
    FROM pg_constraint AS c
    JOIN pg_class AS t ON t.oid = c.conrelid
    JOIN pg_class AS target ON target.oid = c.confrelid
    WHERE c.contype = 'f' AND c.conparentid = 0
"""
POLICY_COLUMNS = """
    SELECT DISTINCT t.relname::text AS "table", a.attname::text AS "column"
    FROM pg_policy AS p
    JOIN pg_depend AS d ON d.classid = 'pg_policy'::regclass AND d.objid = p.oid
        AND d.refclassid = 'pg_class'::regclass AND d.refobjsubid > 0
    JOIN pg_class AS t ON t.oid = d.refobjid
    JOIN pg_attribute AS a ON a.attrelid = d.refobjid AND a.attnum = d.refobjsubid
    ORDER BY 1, 2
"""
COLUMNS = """
    SELECT t.relname::text AS "table", a.attname::text AS name, a.atttypid::regtype::text AS type
    FROM pg_attribute AS a
    JOIN pg_class AS t ON t.oid = a.attrelid AND t.relkind = 'r'
    JOIN pg_namespace AS n ON n.oid = t.relnamespace AND n.nspname = 'public'
    WHERE a.attnum > 0 AND NOT a.attisdropped AND a.attidentity = '' AND a.attgenerated = ''
    ORDER BY t.relname, a.attnum
"""


@dataclass(frozen=True, slots=True)
class Index:
    table: str
    name: str
    unique: bool
    predicate: str | None
    keys: list[str]
    predicate_columns: list[str]


@dataclass(frozen=True, slots=True)
class ForeignKey:
    table: str
    target: str
    columns: list[str]


@dataclass(frozen=True, slots=True)
class Column:
    table: str
    name: str
    type: str


class Catalogue:
    def __init__(self, connection: AsyncConnection) -> None:
        self._connection = connection

    async def load(self) -> None:
        self.tables = [name for (name,) in await self.rows(TABLES)]
        self.indexes = [Index(**row._mapping) for row in await self.rows(INDEXES)]
        self.foreign_keys = [ForeignKey(**row._mapping) for row in await self.rows(FOREIGN_KEYS)]
        self.columns = [Column(**row._mapping) for row in await self.rows(COLUMNS)]
        self.policy_columns = [(row.table, row.column) for row in await self.rows(POLICY_COLUMNS)]

    def columns_of(self, table: str) -> list[Column]:
        return [column for column in self.columns if column.table == table]

    def indexes_of(self, table: str) -> list[Index]:
        return [index for index in self.indexes if index.table == table]

    def has_tenant(self, table: str) -> bool:
        return any(column.name == TENANT for column in self.columns_of(table))

    async def any_id(self, table: str, account_id: str) -> str | None:
        """The id of a row of the account; None when there is no such row, or no such table."""
        names = {column.name for column in self.columns_of(table)}
        if not {"id", TENANT} <= names:
            return None
        statement = f"SELECT id FROM {table} WHERE {TENANT} = :account_id LIMIT 1"  # noqa: S608
        found = await self.rows(statement, account_id=account_id)
        return str(found[0].id) if found else None

    async def rows(self, statement: str, **values: Any) -> list[Any]:
        result = await self._connection.execute(text(statement), values)
        return list(result) if result.returns_rows else []

    async def driver_rows(self, statement: str) -> list[Any]:
        """For SQL that is not ours, in which a colon means no parameter."""
        result = await self._connection.exec_driver_sql(statement)
        return list(result) if result.returns_rows else []


@asynccontextmanager
async def opened(owner_url: str) -> AsyncIterator[Catalogue]:
    url = make_url(owner_url).set(drivername="postgresql+asyncpg")
    engine = create_async_engine(url, isolation_level="AUTOCOMMIT")
    try:
        async with engine.connect() as connection:
            catalogue = Catalogue(connection)
            await catalogue.load()
            yield catalogue
    finally:
        await engine.dispose()
