"""A service that answers wrongly is told of, with what was expected."""

import json
from typing import Any

import httpx2
import pytest

from demo.listener import Outside
from demo.walk import Surprise, Walk

USER = {"email": "alice@example.com", "password": "a-long-password", "mainEntity": {"id": "1"}}


def walk(outside: Outside, answers: dict[str, tuple[int, Any]]) -> Walk:
    def answer(request: httpx2.Request) -> httpx2.Response:
        status, body = answers[f"{request.method} {request.url.path}"]
        return httpx2.Response(status, content=json.dumps(body).encode())

    return Walk("http://service", USER, USER, outside, httpx2.MockTransport(answer))


def test_another_status_is_a_surprise() -> None:
    token = {"data": {"accessToken": "eyJhbGciOiJIUzI1NiJ9"}}
    answers = {
        "POST /api/v1/auth/token": (200, token),
        "GET /api/v1/feedback": (200, {"data": []}),
    }
    with Outside() as outside, pytest.raises(Surprise) as surprise:
        walk(outside, answers).take()
    assert "without a token: expected 401, got 200" in str(surprise.value)


def test_a_log_in_that_fails_is_a_surprise() -> None:
    answers = {"POST /api/v1/auth/token": (500, {"error": "Internal error"})}
    with Outside() as outside, pytest.raises(Surprise, match="expected 200, got 500"):
        walk(outside, answers).take()
