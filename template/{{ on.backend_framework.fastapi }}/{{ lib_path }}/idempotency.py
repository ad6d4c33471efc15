"""`Idempotency-Key`: the first answer of a request, given again to its repetitions for 24 hours."""

import hashlib
import json
from collections.abc import Awaitable, Callable
from typing import Annotated, Any

from fastapi import Depends, Header, Request, Response
from pydantic import BaseModel
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from .database import Session
from .errors import Conflict
from .responses import Success
from .tenancy import Principal

VISIBLE_ASCII = "^[!-~]+$"

# The INSERT waits while another transaction holds the same key, and goes on once that has ended.
CLAIM = text(
    "INSERT INTO idempotency_keys AS mine (account_id, route, key, body_hash)"
    " VALUES (:account_id, :route, :key, :body_hash)"
    " ON CONFLICT (account_id, route, key) DO UPDATE"
    " SET body_hash = excluded.body_hash, response = NULL, created_at = now()"
    " WHERE mine.created_at < now() - interval '24 hours'"
    " RETURNING true"
)
RECALL = text(
    "SELECT body_hash, response FROM idempotency_keys"
    " WHERE account_id = :account_id AND route = :route AND key = :key"
)
STORE = text(
    "UPDATE idempotency_keys SET response = :response"
    " WHERE account_id = :account_id AND route = :route AND key = :key"
)


class Idempotency:
    def __init__(self, session: AsyncSession, route: str, key: str | None, body: Any) -> None:
        self._session = session
        self._route = route
        self._key = key
        self._body = body

    async def __call__(
        self, caller: Principal, action: Callable[[], Awaitable[BaseModel]]
    ) -> Response:
        """Run `action` and answer 201, or repeat the answer that the same key got before.

        Key, row and answer are one transaction: a crash leaves all of them or none.
        """
        if self._key is None:
            return _created(_render(await action()))
        place = {"account_id": caller.account_id, "route": self._route, "key": self._key}
        fingerprint = self._fingerprint()
        claim = await self._session.execute(CLAIM, {**place, "body_hash": fingerprint})
        if claim.one_or_none() is None:
            first = (await self._session.execute(RECALL, place)).one()
            if first.body_hash != fingerprint:
                raise Conflict("The idempotency key was used with another body")
            return _created(first.response, {"Idempotent-Replay": "true"})
        content = _render(await action())
        await self._session.execute(STORE, {**place, "response": content})
        return _created(content)

    def _fingerprint(self) -> str:
        canonical = json.dumps(self._body, sort_keys=True, separators=(",", ":"))
        return hashlib.sha256(canonical.encode()).hexdigest()


async def _idempotency(
    request: Request,
    session: Session,
    idempotency_key: Annotated[
        str | None, Header(alias="Idempotency-Key", max_length=255, pattern=VISIBLE_ASCII)
    ] = None,
) -> Idempotency:
    body = await request.json() if idempotency_key is not None else None
    return Idempotency(session, request.scope["route"].path, idempotency_key, body)


Once = Annotated[Idempotency, Depends(_idempotency)]


def _render(row: BaseModel) -> str:
    return Success(data=row).model_dump_json()


def _created(content: str, headers: dict[str, str] | None = None) -> Response:
    return Response(content, 201, headers, "application/json")
