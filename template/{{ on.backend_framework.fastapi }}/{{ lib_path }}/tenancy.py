"""Binds a transaction to its caller's account: one statement finds it and sets the policies."""

from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from .errors import BadRequest, Forbidden, Unauthorized

ENTER_AS_USER = text("SELECT * FROM app.enter_as_user(:user_id, :account_id)")
ENTER_WITH_SDK_KEY = text("SELECT * FROM app.enter_with_sdk_key(:key_hash)")
# Whether the account has webhook endpoints, in the session's info: most have none, and then an
# event needs no statement.
HAS_ENDPOINTS = "has_endpoints"


@dataclass(slots=True, frozen=True)
class Principal:
    """Who calls, and in which account."""

    account_id: UUID
    user_id: UUID | None
    role: str | None


async def enter_as_user(session: AsyncSession, user_id: UUID, account_id: UUID | None) -> Principal:
    """Bind the session to the account that the user acts in.

    Raises Unauthorized when the user is gone, and Forbidden or BadRequest when the account is not
    the user's or is not named although there are several.
    """
    row = (
        await session.execute(ENTER_AS_USER, {"user_id": user_id, "account_id": account_id})
    ).one_or_none()
    if row is None:
        raise Unauthorized("The credentials are not valid")
    if row.account_id is None:
        if account_id is None and row.memberships > 1:
            raise BadRequest("Several accounts: name one in X-Account-Id")
        raise Forbidden("Not a member of this account")
    session.info[HAS_ENDPOINTS] = row.has_endpoints
    return Principal(account_id=row.account_id, user_id=user_id, role=row.role)


async def enter_with_sdk_key(session: AsyncSession, key_hash: str) -> tuple[UUID, UUID] | None:
    """Bind the session to the account of an SDK key; answers (key id, account id)."""
    row = (await session.execute(ENTER_WITH_SDK_KEY, {"key_hash": key_hash})).one_or_none()
    if row is None:
        return None
    session.info[HAS_ENDPOINTS] = row.has_endpoints
    return row.id, row.account_id
