"""Newest first, by (created_at, id), behind an opaque cursor."""

import base64
from datetime import datetime
from typing import Annotated, Any, TypeVar
from uuid import UUID

from fastapi import Query
from pydantic import BaseModel, ConfigDict, Field
from sqlalchemy import Select, tuple_
from sqlalchemy.ext.asyncio import AsyncSession

from .errors import BadRequest
from .responses import Output, Page

Row = TypeVar("Row")
Shown = TypeVar("Shown", bound=Output)

DEFAULT_LIMIT = 50
MAX_LIMIT = 100


class ListParameters(BaseModel):
    model_config = ConfigDict(extra="forbid")

    limit: int = Field(DEFAULT_LIMIT, ge=1, le=MAX_LIMIT)
    cursor: str | None = Field(None, max_length=200)


ListQuery = Annotated[ListParameters, Query()]


async def page_of(
    session: AsyncSession, statement: Select[Row], shown: type[Shown], query: ListParameters
) -> Page[Shown]:
    """One page of the rows of `statement`, each as `shown`."""
    model = statement.column_descriptions[0]["entity"]
    rows, next_cursor = await paginate(session, statement, model, query)
    return Page(data=[shown.model_validate(row) for row in rows], next_cursor=next_cursor)


async def paginate(
    session: AsyncSession, statement: Select[Row], model: Any, query: ListParameters
) -> tuple[list[Row], str | None]:
    if query.cursor is not None:
        created_at, row_id = decode_cursor(query.cursor)
        statement = statement.where(tuple_(model.created_at, model.id) < (created_at, row_id))
    # One row more than asked for tells whether there is a next page, without a count.
    statement = statement.order_by(model.created_at.desc(), model.id.desc()).limit(query.limit + 1)
    rows: list[Any] = list(await session.scalars(statement))
    if len(rows) <= query.limit:
        return rows, None
    last = rows[query.limit - 1]
    return rows[: query.limit], encode_cursor(last.created_at, last.id)


def encode_cursor(created_at: datetime, row_id: UUID) -> str:
    position = f"{created_at.isoformat()}|{row_id}"
    return base64.urlsafe_b64encode(position.encode()).decode().rstrip("=")


def decode_cursor(cursor: str) -> tuple[datetime, UUID]:
    try:
        padded = cursor + "=" * (-len(cursor) % 4)
        position = base64.b64decode(padded, altchars=b"-_", validate=True).decode()
        created_at, row_id = position.split("|")
        moment = datetime.fromisoformat(created_at)
        if moment.tzinfo is None or encode_cursor(moment, UUID(row_id)) != cursor:
            raise ValueError
        return moment, UUID(row_id)
    except ValueError as error:
        raise BadRequest(details=[{"path": "cursor", "message": "Not a valid cursor"}]) from error
