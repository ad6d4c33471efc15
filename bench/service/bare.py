"""The bare pair: what the FastAPI and SQLAlchemy tutorials teach, done well, and nothing else.

It runs in the generated repo's own environment: same FastAPI, SQLAlchemy, driver, loop and parser.
"""
# What it imports is installed there, not here.
# mypy: ignore-errors

import os
from collections.abc import AsyncIterator
from datetime import datetime
from typing import Annotated, Any, Literal
from uuid import UUID

import uvicorn
from fastapi import Depends, FastAPI
from pydantic import BaseModel, ConfigDict, Field
from sqlalchemy import DateTime, Text, func
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.ext.asyncio import AsyncSession, async_sessionmaker, create_async_engine
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column
from uuid_utils.compat import uuid7

ACCOUNT = UUID(os.environ["BARE_ACCOUNT_ID"])
USER = UUID(os.environ["BARE_USER_ID"])

engine = create_async_engine(os.environ["BARE_DATABASE_URL"], pool_size=20, max_overflow=0)
sessions = async_sessionmaker(engine, expire_on_commit=False)
app = FastAPI()


class Base(DeclarativeBase):
    pass


class Feedback(Base):
    __tablename__ = "bare_feedback"
    __mapper_args__ = {"eager_defaults": True}  # noqa: RUF012 -- SQLAlchemy types it

    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid7)
    account_id: Mapped[UUID]
    user_id: Mapped[UUID | None]
    content: Mapped[str] = mapped_column(Text)
    sentiment: Mapped[str] = mapped_column(Text)
    details: Mapped[dict[str, Any] | None] = mapped_column("metadata", JSONB(none_as_null=True))
    created_at: Mapped[datetime] = mapped_column(DateTime(timezone=True), server_default=func.now())
    updated_at: Mapped[datetime] = mapped_column(DateTime(timezone=True), server_default=func.now())


class FeedbackIn(BaseModel):
    content: Annotated[str, Field(min_length=1, max_length=1000)]
    sentiment: Literal["positive", "neutral", "negative"]
    details: dict[str, Any] | None = Field(None, alias="metadata")


class FeedbackOut(BaseModel):
    model_config = ConfigDict(from_attributes=True)

    id: UUID
    account_id: UUID
    user_id: UUID | None
    content: str
    sentiment: str
    details: dict[str, Any] | None = Field(serialization_alias="metadata")
    created_at: datetime
    updated_at: datetime


async def session() -> AsyncIterator[AsyncSession]:
    async with sessions() as opened:
        yield opened


@app.post("/feedback", status_code=201, response_model=FeedbackOut)
async def create_feedback(
    body: FeedbackIn, opened: Annotated[AsyncSession, Depends(session)]
) -> Feedback:
    row = Feedback(account_id=ACCOUNT, user_id=USER, **body.model_dump())
    opened.add(row)
    await opened.commit()
    return row


@app.get("/ready")
async def ready() -> str:
    return "ready"


if __name__ == "__main__":
    uvicorn.run(app, host="127.0.0.1", port=int(os.environ["BARE_PORT"]), access_log=False)
