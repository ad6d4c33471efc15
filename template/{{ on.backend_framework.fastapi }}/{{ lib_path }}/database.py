"""The engine, its timeouts and the transactions that requests and jobs run in."""

import asyncio
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from typing import Annotated, Any
from uuid import UUID

import asyncpg
from fastapi import Depends, Request
from pydantic.alias_generators import to_camel
from sqlalchemy import event, text
from sqlalchemy.engine import make_url
from sqlalchemy.exc import DBAPIError, DisconnectionError, IntegrityError
from sqlalchemy.exc import TimeoutError as PoolTimeout
from sqlalchemy.ext.asyncio import AsyncSession, async_sessionmaker, create_async_engine

from .errors import ApiError, BadRequest, Conflict, GatewayTimeout, Unavailable
from .logging import get_logger
from .metrics import DB_DURATION

log = get_logger(__name__)

SLOW_STATEMENT_SECONDS = 0.05
POOL_SIZE = 20
# The server cancels a slow statement first; the client's own timeout is for a server that hangs.
CLIENT_TIMEOUT_MARGIN_SECONDS = 0.25


class _Connection(asyncpg.Connection):
    async def close(self, *, timeout: float | None = None) -> None:  # noqa: ASYNC109 - asyncpg's
        """Cut the line where SQLAlchemy would wait: it names a timeout for broken connections."""
        if timeout is None:
            await super().close()
        else:
            self.terminate()


class Database:
    """Owns the connection pool. Every transaction commits on success and rolls back on error."""

    def __init__(self, url: str, *, timeout_ms: int, pool_size: int = POOL_SIZE) -> None:
        self._url = make_url(url).set(drivername="postgresql")
        self._timeout_ms = timeout_ms
        self.engine = create_async_engine(
            self._url.set(drivername="postgresql+asyncpg"),
            async_creator=self._connect,
            pool_size=pool_size,
            max_overflow=0,
            pool_timeout=timeout_ms / 1000,
            pool_recycle=1800,
            # Errors are logged, and parameters are what callers sent.
            hide_parameters=True,
        )
        event.listen(self.engine.sync_engine, "checkout", _refuse_closed)
        event.listen(self.engine.sync_engine, "before_cursor_execute", _start_statement)
        event.listen(self.engine.sync_engine, "after_cursor_execute", _finish_statement)
        self._sessions = async_sessionmaker(self.engine, expire_on_commit=False)

    async def _connect(self) -> asyncpg.Connection:
        seconds = self._timeout_ms / 1000
        try:
            return await asyncpg.connect(
                self._url.render_as_string(hide_password=False),
                timeout=seconds,
                connection_class=_Connection,
                command_timeout=seconds + CLIENT_TIMEOUT_MARGIN_SECONDS,
                server_settings={"statement_timeout": str(self._timeout_ms), "timezone": "UTC"},
            )
        except (OSError, TimeoutError, asyncpg.PostgresError, asyncpg.InterfaceError) as error:
            raise Unavailable from error

    @asynccontextmanager
    async def transaction(self) -> AsyncIterator[AsyncSession]:
        try:
            # Left without a commit, the session rolls back.
            async with self._sessions() as session:
                yield session
                await session.commit()
        except (DBAPIError, PoolTimeout, TimeoutError) as error:
            raise translate(error) from error
        for hook in session.info.get("after_commit", ()):
            await hook()

    @asynccontextmanager
    async def tenant(
        self, account_id: UUID, user_id: UUID | None = None
    ) -> AsyncIterator[AsyncSession]:
        """A transaction that sees the rows of one account only."""
        async with self.transaction() as session:
            await session.execute(
                text(
                    "SELECT set_config('app.account_id', :account_id, true),"
                    " set_config('app.user_id', :user_id, true)"
                ),
                {"account_id": str(account_id), "user_id": str(user_id or "")},
            )
            yield session

    async def ping(self) -> None:
        async with asyncio.timeout(self._timeout_ms / 1000), self.transaction() as session:
            await session.execute(text("SELECT 1"))

    async def close(self) -> None:
        await self.engine.dispose()


def _refuse_closed(connection: Any, _record: Any, _proxy: Any) -> None:
    """Let the pool replace a connection that the server has closed; unlike a ping it is free."""
    if connection.driver_connection.is_closed():
        raise DisconnectionError


def after_commit(session: AsyncSession, hook: Callable[[], Awaitable[None]]) -> None:
    """Run `hook` once the transaction of `session` is durable; never when it rolls back."""
    session.info.setdefault("after_commit", []).append(hook)


def translate(error: Exception) -> ApiError:
    """Say in the contract's terms what the database said, without its words."""
    code = getattr(getattr(error, "orig", None), "sqlstate", None) or ""
    if isinstance(error, IntegrityError):
        if code == "23505":
            return Conflict("A row with this value exists already")
        if code in ("23001", "23503"):
            return _explain_reference(error)
        return BadRequest()
    if isinstance(error, PoolTimeout) or getattr(error, "connection_invalidated", False):
        return Unavailable()
    if code in ("57014", "55P03") or isinstance(error, TimeoutError):
        return GatewayTimeout("The database took too long")
    if code.startswith(("08", "53", "57")) or not code:
        return Unavailable()
    return ApiError()


def _explain_reference(error: IntegrityError) -> ApiError:
    if (error.statement or "").startswith("DELETE"):
        return Conflict("Other rows still refer to this one")
    cause = getattr(error.orig, "__cause__", None)
    # Constraints of references are called fk_<column>.
    column = (getattr(cause, "constraint_name", None) or "").removeprefix("fk_")
    return BadRequest(details=[{"path": to_camel(column), "message": "No such row"}])


# FastAPI runs a dependency that is not async in a thread.
async def _request_session(request: Request) -> AsyncSession:
    session: AsyncSession = request.state.session
    return session


Session = Annotated[AsyncSession, Depends(_request_session)]


def _start_statement(
    connection: Any, _cursor: Any, _statement: str, _parameters: Any, _context: Any, _many: bool
) -> None:
    connection.info["statement_started"] = time.perf_counter()


def _finish_statement(
    connection: Any, _cursor: Any, statement: str, _parameters: Any, _context: Any, _many: bool
) -> None:
    seconds = time.perf_counter() - connection.info["statement_started"]
    DB_DURATION.observe(seconds)
    if seconds > SLOW_STATEMENT_SECONDS:
        log.warning("slow statement", durationMs=round(seconds * 1000, 1), statement=statement)
