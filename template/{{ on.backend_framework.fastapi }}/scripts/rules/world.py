"""What the live rules share: the service, two accounts, and the catalogue of its database."""

from collections.abc import AsyncIterator, Mapping
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import dataclass
from typing import Any

from . import catalogue, rows
from .catalogue import Catalogue
from .log import Log
from .service import Service, Tenant, serving

FEW = 2
MANY = 50


@dataclass(frozen=True)
class World:
    urls: Mapping[str, str]
    log: Log
    catalogue: Catalogue
    service: Service
    few: Tenant
    many: Tenant

    def serving(self, **changes: Any) -> AbstractAsyncContextManager[Service]:
        """Another application on the same services, with other settings."""
        return serving(self.urls, self.log, **changes)


@asynccontextmanager
async def created(urls: Mapping[str, str], log: Log) -> AsyncIterator[World]:
    async with (
        catalogue.opened(urls["MIGRATION_DATABASE_URL"]) as database,
        serving(urls, log) as service,
    ):
        few, many = [await service.new_tenant(database) for _ in range(2)]
        for tenant, wanted in ((few, FEW), (many, MANY)):
            await rows.create(service, tenant)
            await rows.multiply(database, tenant, wanted)
        yield World(urls, log, database, service, few, many)
