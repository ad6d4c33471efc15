"""R5: every route refuses a caller who has used up a limit."""

from collections.abc import Iterator

from .endpoints import EXEMPT, Endpoint
from .project import Route
from .service import Answer, Service, Tenant
from .verdict import Verdict, count, verdict
from .world import World

HEADERS = ("X-RateLimit-Limit", "X-RateLimit-Remaining", "X-RateLimit-Reset")
NO_PLACE_LEFT = {
    "rate_limit_public_per_minute": 1,
    "rate_limit_authenticated_per_minute": 1,
    "rate_limit_login_per_minute": 1,
}
OWN_CLASS = (
    "its router has another class: make it APIRouter(route_class=Route); only"
    f" {', '.join(sorted(EXEMPT))} are exempt"
)
# The first use takes the only place; the minute may turn once in between.
USES = 3


async def check(world: World) -> Verdict:
    failures: list[str] = []
    limited = [endpoint for endpoint in world.service.endpoints if not endpoint.exempt]
    async with world.serving(**NO_PLACE_LEFT) as strict:
        for endpoint in limited:
            before = await world.service.call(endpoint, world.few)
            after = await _used_up(strict, endpoint, world.few)
            failures += list(_headers(endpoint, before)) or _refusal(endpoint, after)
    exempt = [endpoint.path for endpoint in world.service.endpoints if endpoint.exempt]
    return verdict(
        f"{count(len(limited), 'route')}, before and after the caller's limit is used up",
        f"429 with {HEADERS[0]} on each; exempt: {', '.join(exempt)}",
        failures,
    )


async def _used_up(service: Service, endpoint: Endpoint, tenant: Tenant) -> Answer:
    for _ in range(USES):
        answer = await service.call(endpoint, tenant)
        if answer.status == 429:
            break
    return answer


def _headers(endpoint: Endpoint, answer: Answer) -> Iterator[str]:
    missing = [name for name in HEADERS if name not in answer.headers]
    if missing:
        counted = isinstance(endpoint.route, Route)
        yield (
            f"{endpoint}: is not limited, it answered {answer.status} without"
            f" {', '.join(missing)}: "
            + ("let its access count the caller" if counted else OWN_CLASS)
        )


def _refusal(endpoint: Endpoint, answer: Answer) -> Iterator[str]:
    if answer.status != 429:
        yield (
            f"{endpoint}: answered {answer.status} instead of 429 to a caller without places left:"
            " let its access count the caller"
        )
    elif "Retry-After" not in answer.headers:
        yield f"{endpoint}: its 429 has no Retry-After: raise TooManyRequests"
