"""The section of RESULTS.md, with every goal beside its figure."""

from typing import Any

from bench.measure import spread
from bench.results import table

from .frameworks import FIRST, Framework

GOAL = 0.6
STATEMENT_GOAL = 0.05
P99_GOALS = {"reads": 0.2, "writes": 0.5, "SDK submissions": 0.1}
CLOSED = f"""\
Eight connections that each wait for their answer, by turns; goal: {GOAL:.0%} of the bare pair's
throughput. Medians (least–most); a ratio is the median of the rounds' own."""


def section(framework: Framework, facts: str, figures: dict[str, Any]) -> str:
    """All tables."""
    steady = figures["steady"]
    return "\n\n".join(
        [
            f"## Service: {framework.shown}",
            facts,
            framework.notes.strip(),
            CLOSED,
            throughput(figures),
            *beside(figures["ratios"]),
            _conditions(steady),
            _latencies(steady),
            _statements(figures["statements"]),
            "From the spawn of the process to its first good answer, and its memory:",
            _starts(figures),
            *_profiles(figures["profiles"]),
        ]
    )


def _verdict(held: bool) -> str:
    return "met" if held else "**missed**"


def throughput(figures: dict[str, Any]) -> str:
    """The inserts of all sides, each beside the bare pair's."""
    rows = []
    for name in figures["rates"]:
        if name == FIRST.service:
            rows.append((name, *_cost(figures, name), "", "", ""))
            continue
        ratios = figures["ratios"].get(name)
        rows.append(
            (
                name,
                *_cost(figures, name),
                f"{ratios['throughput']:.2f}" if ratios else "1.00",
                f"{ratios['processor']:.2f}" if ratios else "1.00",
                _verdict(ratios["throughput"] >= GOAL) if ratios else "",
            )
        )
    head = (
        "insert",
        "a second",
        "processor of the API each",
        "÷ bare, throughput",
        "÷ bare, by processor",
        f"goal {GOAL}",
    )
    return table(head, rows)


def _cost(figures: dict[str, Any], name: str) -> tuple[str, str]:
    """Inserts a second, and the processor's time for each."""
    return (
        spread(figures["rates"][name], "").replace("  ", " "),
        spread((1000 * one for one in figures["processor"][name]), "ms", 2),
    )


def beside(ratios: dict[str, dict[str, float]]) -> list[str]:
    """How this stack stands to the first one, which was measured in the same rounds."""
    if FIRST.service not in ratios:
        return []
    times = ratios[FIRST.service]
    return [
        (
            f"Beside {FIRST.service}, whose API is the same: {times['throughput']:.1f} times its"
            f" inserts a second, each at 1 / {times['processor']:.1f} of its processor time."
        )
    ]


def _conditions(steady: dict[str, Any]) -> str:
    share = steady["generator's share of one core"]
    return (
        f"{steady['connections']:,} open connections and {steady['rate']:.0f} arrivals a second at"
        " random moments: half of what the loop above carried; a third each of reads, inserts and"
        " inserts with an SDK key. Latency counts from the moment a request was due, so waiting"
        f" for its turn counts, too. The generator took {share:.0%} of one core."
    )


def _latencies(steady: dict[str, Any]) -> str:
    rows = []
    for kind, told in steady["kinds"].items():
        goal = P99_GOALS[kind]
        rows.append(
            (
                kind,
                f"{told['answers']:,}",
                *(f"{1000 * told[name]:.0f} ms" for name in ("p50", "p99", "max")),
                f"{told['failed']:,}",
                f"{1000 * goal:.0f} ms: {_verdict(told['p99'] < goal and not told['failed'])}",
            )
        )
    return table(("", "answers", "p50", "p99", "longest", "failed", "goal of p99"), rows)


def _statements(found: dict[str, float]) -> str:
    total = found["+Inf"]
    by_bound = {float(bound): number for bound, number in found.items()}
    within = by_bound[STATEMENT_GOAL]
    most = min(bound for bound, number in by_bound.items() if number >= 0.99 * total)
    return (
        f"Of its {total:,.0f} SQL statements, {total - within:,.0f} took longer than"
        f" {1000 * STATEMENT_GOAL:.0f} ms ({_verdict(total == within)}), and 99 % at most"
        f" {1000 * most:g} ms, as the service's own `db_query_duration_seconds` tells: with the"
        " way to the server, and the wait for the event loop after it."
    )


def _starts(figures: dict[str, Any]) -> str:
    rows = []
    for name, memory in figures["memory"].items():
        seconds = figures["starts"].get(name)
        rows.append((name, spread(seconds, "s", 1) if seconds else "", f"{memory:.0f} MiB"))
    return table(("", "start", "memory"), rows)


def _profiles(profiles: dict[str, dict[str, float]]) -> list[str]:
    if not profiles:
        return []
    if not all(profiles.values()):
        return ["The processes could not be sampled here, so there is no profile."]
    names = list(profiles)
    spenders = sorted(
        {spender for shares in profiles.values() for spender in shares},
        key=lambda spender: -profiles[names[0]].get(spender, 0),
    )
    rows = [
        (spender, *(f"{profiles[name].get(spender, 0):.1%}" for name in names))
        for spender in spenders
    ]
    return [
        (
            f"Where the time of an insert goes in the API (samples of {' and '.join(names)}; the"
            " innermost package of a stack counts, the standard library works for its caller):"
        ),
        table(("spent in", *names), rows),
    ]
