"""Credentials live outside every tenant: only these functions of the database reach them."""

from typing import Any
from uuid import UUID

from sqlalchemy import Row, text
from sqlalchemy.ext.asyncio import AsyncSession


async def find_login(session: AsyncSession, email: str) -> Row[Any] | None:
    """Answers (id, password_hash)."""
    statement = text("SELECT id, password_hash FROM app.find_login(:email)")
    return (await session.execute(statement, {"email": email})).one_or_none()


async def store_refresh_token(
    session: AsyncSession, user_id: UUID, token_hash: str, seconds: int
) -> None:
    statement = text("SELECT app.store_refresh_token(:user_id, :token_hash, :seconds)")
    values = {"user_id": user_id, "token_hash": token_hash, "seconds": seconds}
    await session.execute(statement, values)


async def rotate_refresh_token(
    session: AsyncSession, token_hash: str, next_hash: str, seconds: int
) -> UUID | None:
    """Swap a token for its successor; None when it cannot be used (its family may be revoked)."""
    statement = text("SELECT app.rotate_refresh_token(:token_hash, :next_hash, :seconds)")
    values = {"token_hash": token_hash, "next_hash": next_hash, "seconds": seconds}
    user_id: UUID | None = await session.scalar(statement, values)
    return user_id
