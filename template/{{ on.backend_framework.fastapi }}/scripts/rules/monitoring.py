"""R9: every route leaves one log line and counts itself, under its own pattern."""

from collections.abc import Iterator

from prometheus_client import REGISTRY

from .endpoints import Endpoint
from .service import Answer, Service, Tenant
from .verdict import Verdict, count, verdict
from .world import World

FACTS = ("timestamp", "level", "message", "requestId", "method", "route", "status", "durationMs")
COUNTERS = ("http_requests_total", "http_request_duration_seconds_count")


async def check(world: World) -> Verdict:
    failures: list[str] = []
    for endpoint in world.service.endpoints:
        failures += await _judge(world.service, endpoint, world.few)
    routes = len(world.service.endpoints)
    return verdict(
        f"{count(routes, 'route')}: log line, counter, histogram",
        f"{count(routes, 'line')} of {len(FACTS)} facts, {count(2 * routes, 'increment')}",
        failures,
    )


async def _judge(service: Service, endpoint: Endpoint, tenant: Tenant) -> list[str]:
    before = _counts(endpoint)
    answer = await service.call(endpoint, tenant)
    after = _counts(endpoint)
    failures = list(_log_line(endpoint, answer))
    for name, increment in ((name, after[name] - before[name]) for name in COUNTERS):
        if increment != 1:
            failures.append(
                f"{endpoint}: {name} of its pattern grew by {increment:.0f} instead of 1: include"
                " it in routers.py, with a handler of its own, so that the middleware knows it"
            )
    return failures


def _counts(endpoint: Endpoint) -> dict[str, float]:
    """Over all statuses."""
    counts = dict.fromkeys(COUNTERS, 0.0)
    for family in REGISTRY.collect():
        for sample in family.samples:
            labels = (sample.labels.get("method"), sample.labels.get("route"))
            if sample.name in counts and labels == (endpoint.method, endpoint.path):
                counts[sample.name] += sample.value
    return counts


def _log_line(endpoint: Endpoint, answer: Answer) -> Iterator[str]:
    lines = [line for line in answer.log if "durationMs" in line and "method" in line]
    if len(lines) != 1:
        yield f"{endpoint}: left {len(lines)} log lines instead of 1: let the middleware see it"
        return
    missing = [name for name in FACTS if name not in lines[0]]
    if missing:
        yield f"{endpoint}: its log line lacks {', '.join(missing)}: log it in the middleware"
    told = (lines[0].get("method"), lines[0].get("route"), lines[0].get("status"))
    if told != (endpoint.method, endpoint.path, answer.status):
        yield (
            f"{endpoint}: its log line tells of {' '.join(map(str, told))} instead: include it in"
            " routers.py, with a handler of its own, so that the middleware knows it"
        )
