"""Users of a seeded account, and the pool of spare accounts."""

import itertools
import time
from dataclasses import dataclass
from typing import Any, Self

from suite.caller import Caller, Service
from suite.checks import expect
from suite.openapi import OpenApi, Operation
from suite.samples import Refer, Sampler
from suite.tenants import Collection, Seed

ROOM = 120
FRESH = 6


@dataclass(frozen=True, kw_only=True)
class User(Caller):
    """A caller who knows the account and can make rows in it."""

    seed: Seed
    api: OpenApi
    collections: list[Collection]

    def sampler(self, collection: Collection) -> Sampler:
        schema = self.api.body_schema("POST", collection.url)
        return Sampler(self.api, schema, self._refer_of(collection), collection.unique)

    def body_for(self, operation: Operation) -> dict[str, Any]:
        """Request arguments with a valid body, if the operation takes one."""
        if not operation.has_body:
            return {}
        url = operation.url()
        collection = next((one for one in self.collections if one.holds(url)), None)
        unique = collection.unique if collection else ()
        schema = self.api.schema_of(operation)
        return {"json": Sampler(self.api, schema, self._refer_of(collection), unique).body()}

    def create(self, collection: Collection, **over: Any) -> dict[str, Any]:
        body = self.sampler(collection).body(**over)
        row: dict[str, Any] = expect(self.post(collection.url, json=body), 201)["data"]
        return row

    def _refer_of(self, collection: Collection | None) -> Refer:
        """Gives the id of a row that a reference field of the collection may name."""
        by_path = {one.path: one for one in self.collections}
        targets = {one.reference: one.path for one in self.collections}
        targets |= collection.references if collection else {}

        def refer(field: str, other: bool) -> str:
            target = by_path.get(targets.get(field, ""))
            if target is None:
                return self.seed.main_id
            key = (self.seed.account_id, target.path)
            if other or key not in self.service.referred:
                least = self.sampler(target).least()
                row = expect(self.post(target.url, json=least), 201)["data"]
                self.service.referred[key] = str(row["id"])
            return self.service.referred[key]

        return refer

    def prepared(self) -> Self:
        """Makes the rows that others refer to, so that a test's own rows come alone."""
        for collection in self.collections:
            self.sampler(collection).references()
        return self

    def rows(self, path: str, **query: Any) -> list[dict[str, Any]]:
        """All rows of a list, page by page."""
        found: list[dict[str, Any]] = []
        cursor: dict[str, str] = {}
        while True:
            page = expect(self.get(path, params={"limit": 100, **query, **cursor}), 200)
            found += page["data"]
            assert len({row["id"] for row in found}) == len(found), f"{path}: a row comes twice"
            if page["nextCursor"] is None:
                return found
            cursor = {"cursor": page["nextCursor"]}


class Spares:
    """Spare accounts: most go round, some are given to one test only, one is never written to."""

    def __init__(self, seeds: list[Seed]) -> None:
        assert len(seeds) >= 10, "tenants.json has too few spares: seed at least 10"
        self.untouched, *self._fresh = seeds[: FRESH + 1]
        self._round = itertools.cycle(seeds[FRESH + 1 :])

    def fresh(self) -> Seed:
        return self._fresh.pop()

    def next(self) -> Seed:
        return next(self._round)


def keep_room(service: Service, seed: Seed) -> None:
    """Waits for the next window when a user has few places left for the test to come."""
    left, reset = service.places_left.get(seed.email, (ROOM, 0))
    if left < ROOM and reset > time.time():
        time.sleep(reset - time.time() + 0.2)
