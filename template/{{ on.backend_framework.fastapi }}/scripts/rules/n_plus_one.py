"""R1: how much a read asks of the database does not depend on how many rows it shows."""

from collections.abc import Iterator, Mapping
from typing import Any

from .endpoints import Endpoint
from .project import Base
from .service import Answer, Tenant
from .verdict import Verdict, count, verdict
from .world import FEW, MANY, World

# Who calls, and the rows.
MOST_FOR_A_LIST = 2
REFUSING = ("raise", "raise_on_sql", "write_only")


async def check(world: World) -> Verdict:
    failures = list(_lazy_relationships())
    lists, others, most = 0, 0, 0
    for endpoint in world.service.endpoints:
        if endpoint.method != "GET" or not endpoint.is_api:
            continue
        few = await _read(world, endpoint, world.few, FEW)
        many = await _read(world, endpoint, world.many, MANY)
        lists += many.rows is not None
        others += many.rows is None
        if many.rows is not None:
            most = max(most, len(many.statements))
        failures += [*_judge(endpoint, few, many), *await _with_options(world, endpoint)]
    relationships = sum(len(mapper.relationships) for mapper in Base.registry.mappers)
    return verdict(
        f"{count(lists, 'list')} and {count(others, 'other read')} at {FEW} and {MANY} rows,"
        f" {count(relationships, 'relationship')}",
        f"{count(most, 'statement')} at most for a list",
        failures,
    )


async def _with_options(world: World, endpoint: Endpoint) -> list[str]:
    """What a read does only when a parameter asks for it."""
    failures: list[str] = []
    for name, parameter in endpoint.query.items():
        if name in ("limit", "cursor") or parameter.required:
            continue
        asked = {name: await world.many.examples.of(parameter.schema)}
        few = await _read(world, endpoint, world.few, FEW, asked)
        many = await _read(world, endpoint, world.many, MANY, asked)
        if few.status == many.status == 200:
            failures += _growing(f"{endpoint} with {name}", few, many)
    return failures


async def _read(
    world: World,
    endpoint: Endpoint,
    tenant: Tenant,
    rows: int,
    asked: Mapping[str, Any] | None = None,
) -> Answer:
    limit = {"limit": rows} if "limit" in endpoint.query else {}
    return await world.service.call(endpoint, tenant, query={**limit, **(asked or {})})


def _judge(endpoint: Endpoint, few: Answer, many: Answer) -> Iterator[str]:
    if few.status != 200 or many.status != 200:
        yield (
            f"{endpoint}: answered {few.status} and {many.status} and could not be measured:"
            " make it answer an owner of the account"
        )
        return
    if many.rows is not None and _too_few(endpoint, few, many):
        yield (
            f"{endpoint}: showed {len(few.rows or ())} and {len(many.rows)} rows instead of {FEW}"
            f" and {MANY} and could not be measured: give it a POST route or rows in"
            " scripts/rules/rows.py"
        )
    growing = list(_growing(str(endpoint), few, many))
    yield from growing
    if not growing and many.rows is not None and len(many.statements) > MOST_FOR_A_LIST:
        yield (
            f"{endpoint}: {len(many.statements)} statements: join what it needs into one, next to"
            f" the one that finds the caller; the last was {_short(many.statements[-1])}"
        )


def _too_few(endpoint: Endpoint, few: Answer, many: Answer) -> bool:
    """A search finds none for a made-up text; a list without pages may be a summary of groups."""
    if any(parameter.required for parameter in endpoint.query.values()):
        return False
    if "limit" in endpoint.query:
        return not few.rows or len(many.rows or ()) < MANY
    return not few.rows or not many.rows


def _growing(occasion: str, few: Answer, many: Answer) -> Iterator[str]:
    if len(few.statements) != len(many.statements):
        repeated = max(many.statements, key=many.statements.count)
        yield (
            f"{occasion}: {count(len(few.statements), 'statement')} for {FEW} rows but"
            f" {len(many.statements)} for {MANY}: load what belongs to the rows together with"
            f" them, instead of repeating {_short(repeated)}"
        )


def _lazy_relationships() -> Iterator[str]:
    for mapper in Base.registry.mappers:
        for relationship in mapper.relationships:
            if relationship.lazy not in REFUSING:
                yield (
                    f"{relationship}: loads by itself (lazy={relationship.lazy!r}): declare"
                    ' lazy="raise" and load it where it is needed'
                )


def _short(statement: str) -> str:
    flat = " ".join(statement.split())
    return f"`{flat[:80]}…`" if len(flat) > 80 else f"`{flat}`"
