import sys
from functools import partial

import pytest

from bench.measure import CommandFailed, Cost, interleaved, ratio, run, spread

MEBIBYTES = 100
GREEDY = f"import sys; held = b'x' * ({MEBIBYTES} << 20); sys.stderr.write('done')"


def test_a_command_is_measured_with_its_own_memory() -> None:
    """Not with that of the process that measures, which may be larger."""
    ballast = b"x" * (3 * MEBIBYTES << 20)
    cost = run([sys.executable, "-c", GREEDY])
    assert MEBIBYTES < cost.memory < 2 * MEBIBYTES
    assert cost.wall > 0
    assert cost.cpu > 0
    assert len(ballast) > 0


def test_a_command_that_fails_says_why() -> None:
    with pytest.raises(CommandFailed, match="so it ends"):
        run([sys.executable, "-c", "raise SystemExit('so it ends')"])


def test_each_round_runs_everything_and_starts_with_another() -> None:
    order: list[str] = []

    def noted(name: str) -> Cost:
        order.append(name)
        return Cost(len(order), 0)

    costs = interleaved({name: partial(noted, name) for name in "ab"}, 3, warm_up=0)
    assert "".join(order) == "abbaab"
    assert [cost.wall for cost in costs["a"]] == [1, 4, 5]


def test_a_ratio_compares_what_ran_side_by_side() -> None:
    assert ratio([2, 40, 6], [1, 10, 3]) == 2


def test_a_median_tells_how_far_it_scatters() -> None:
    assert spread([3, 1, 2000], "ms") == "3 ms (1–2,000)"
