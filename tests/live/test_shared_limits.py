"""Section 3: of all requests in a window exactly L pass, whatever process they reach."""

import time
from collections import Counter
from functools import partial

import pytest

from harness import Service
from suite.checks import limit_headers
from suite.waiting import together

from .people import at, log_in
from .stack import Stack

# Entities and paths make no difference here; loggers and limiters do.
pytestmark = pytest.mark.stacks("default answers", "a domain of its own")

LIMIT = 40
REQUESTS = 120
# What the requests may take: they all belong to one window.
WINDOW_SECONDS = 15


def test_two_processes_share_a_limit_exactly(service: Service, stack: Stack) -> None:
    limit = {"RATE_LIMIT_AUTHENTICATED_PER_MINUTE": str(LIMIT)}
    apis = [service.start_api(name, **limit) for name in ("api-1", "api-2")]
    user = log_in(stack, apis[0], stack.seed(service))
    both = [user, at(stack, user, apis[1])]
    _, remaining, reset = limit_headers(user.get(user.collections[0].url))
    if reset - time.time() < WINDOW_SECONDS:
        time.sleep(reset - time.time() + 0.5)
        remaining = LIMIT
    requests = [partial(both[n % 2].get, user.collections[0].url) for n in range(REQUESTS)]
    answers = together(requests, threads=40)
    statuses = Counter(answer.status_code for answer in answers)
    assert statuses == {200: remaining, 429: REQUESTS - remaining}
    assert len({answer.headers["x-ratelimit-reset"] for answer in answers}) == 1
    left = sorted(int(a.headers["x-ratelimit-remaining"]) for a in answers if a.is_success)
    assert left == list(range(remaining)), "each place is given once"
    assert service.stop() == {"api-1": 0, "api-2": 0}
