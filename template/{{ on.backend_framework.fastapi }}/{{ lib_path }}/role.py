"""Row-level security binds neither owners nor superusers, so the service refuses to run as one."""

import asyncio
import sys

from sqlalchemy import text

from .database import Database
from .errors import ApiError
from .logging import get_logger

log = get_logger(__name__)

STATEMENT = text("""
    SELECT current_user AS name,
           rolsuper OR rolbypassrls OR EXISTS (
               SELECT FROM pg_tables WHERE schemaname = 'public' AND tableowner = current_user
           ) AS above_policies
    FROM pg_roles WHERE rolname = current_user
""")


def refuse_owner(url: str, timeout_ms: int) -> None:
    """End the process when DATABASE_URL names a role that row-level security does not bind."""
    asyncio.run(_refuse_owner(url, timeout_ms))


async def _refuse_owner(url: str, timeout_ms: int) -> None:
    database = Database(url, timeout_ms=timeout_ms)
    try:
        async with database.transaction() as session:
            role = (await session.execute(STATEMENT)).one()
    except ApiError:
        log.warning("database away at start, its role is not checked")
        return
    finally:
        await database.close()
    if role.above_policies:
        sys.exit(
            f"Invalid settings: DATABASE_URL: the role {role.name!r} owns tables or bypasses"
            " row-level security; name an application role and put the owner into"
            " MIGRATION_DATABASE_URL"
        )
