"""R7: whatever fails, callers get the contract's error, and nothing is swallowed."""

from collections.abc import Iterator

from . import swallowed
from .endpoints import Endpoint
from .service import Answer, Service, Tenant
from .statements import BUG, DATABASE_ERROR, LOST_CONNECTION, MARKER, SLOW_DATABASE, Fault
from .verdict import Verdict, count, verdict
from .world import World

NOWHERE = "127.0.0.1:1"
NO_DATABASE = {"database_url": f"postgresql://app@{NOWHERE}/none", "db_timeout_ms": 1_000}
NO_REDIS = {"redis_url": f"redis://{NOWHERE}"}
MOST_STATEMENTS = 20
ANSWERS = {500, 503, 504}
# Words of a stack, of SQL and of the libraries underneath.
INNARDS = ("Traceback", 'File "', "SELECT ", "INSERT ", "sqlalchemy", "asyncpg", "redis", MARKER)


async def check(world: World) -> Verdict:
    api = [endpoint for endpoint in world.service.endpoints if not endpoint.exempt]
    injected, failures = 0, list(swallowed.errors())
    for fault in (BUG, DATABASE_ERROR, LOST_CONNECTION, SLOW_DATABASE):
        for endpoint in api:
            found, number = await _inject(world.service, endpoint, world.many, fault)
            failures += found
            injected += number
    for missing, changes in (("database", NO_DATABASE), ("Redis", NO_REDIS)):
        async with world.serving(**changes) as lame:
            for endpoint in api:
                answer = await lame.call(endpoint, world.many)
                injected += 1
                failures += _judge(endpoint, f"without {missing}", answer)
    return verdict(
        f"{count(len(api), 'route')}, {count(swallowed.handlers(), 'except clause')}",
        f"{count(injected, 'injected failure')} answered with the contract's error",
        failures,
    )


async def _inject(
    service: Service, endpoint: Endpoint, tenant: Tenant, fault: Fault
) -> tuple[list[str], int]:
    """Let each statement of the route meet the fault, one after the other, while that goes well."""
    for at in range(1, MOST_STATEMENTS):
        with service.statements.failing(fault, at):
            answer = await service.call(endpoint, tenant)
        if not service.statements.fault_met:
            return [], at - 1
        occasion = f"{fault.name} in statement {at}"
        failures = list(_judge(endpoint, occasion, answer))
        if answer.status != fault.status:
            failures.append(
                f"{endpoint}: {occasion} was answered with {answer.status} instead of"
                f" {fault.status}: let the error pass to the middleware"
            )
        if failures:
            return failures, at
    return [], MOST_STATEMENTS - 1


def _judge(endpoint: Endpoint, occasion: str, answer: Answer) -> Iterator[str]:
    """An answer to a failure has the contract's form; one in spite of it is the route's own."""
    where = f"{endpoint}: {occasion}"
    if answer.status < 400:
        return
    if answer.status >= 500 and answer.status not in ANSWERS:
        yield f"{where} was answered with {answer.status}: raise an ApiError of the catalogue"
    content = answer.content if isinstance(answer.content, dict) else {}
    if set(content) - {"details"} != {"error", "requestId"}:
        yield f"{where} was answered with another body than {{error, requestId}}: raise an ApiError"
    elif content["requestId"] != answer.headers.get("X-Request-Id"):
        yield f"{where}: requestId and X-Request-Id differ: answer with error_response"
    shown = [word for word in INNARDS if word in answer.text]
    if shown:
        yield f"{where} shows {shown[0]!r} to callers: let the middleware answer what is unexpected"
