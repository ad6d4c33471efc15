"""What holds for every response, and short ways to say what one should be."""

import re
import uuid
from datetime import datetime, timedelta
from typing import Any

from httpx2 import Response

REQUEST_ID = re.compile(r"[A-Za-z0-9._-]{1,128}")
RESPONSE_TIME = re.compile(r"\d+(\.\d+)?ms")
TIME = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|\+00:00)")
LIMIT_HEADERS = ("x-ratelimit-limit", "x-ratelimit-remaining", "x-ratelimit-reset")
LEAKS = re.compile(
    r"traceback|stack ?trace|\bat [\w.$]+\([\w.]+:\d+\)|file \"/|select .+ from|insert into"
    r"|sqlalchemy|asyncpg|psycopg|pydantic|starlette|uvicorn|celery|redis\.|prisma|zod|sequelize|hibernate|jackson"
    r"|activerecord|errors\.\w+\.dev",
    re.IGNORECASE,
)


def expect(response: Response, status: int) -> Any:
    """The JSON of a response that has this status, or None when it is empty."""
    got = response.status_code
    request = response.request
    assert got == status, (
        f"{request.method} {request.url}: expected {status}, got {got}: {response.text[:600]}"
    )
    return response.json() if response.content else None


def expect_invalid(response: Response, path: str | None = None) -> None:
    """A 400; with a path, its details must name that field."""
    body = expect(response, 400)
    if path is not None:
        details = body.get("details")
        assert details, f"no details in {body}"
        assert path in [detail["path"] for detail in details], f"{path} is not in {details}"


def every_response(response: Response, prefix: str, sent_id: str | None = None) -> None:
    """Section 2, for each response that the suite ever gets."""
    headers = response.headers
    where = f"{response.request.method} {response.request.url} → {response.status_code}"
    request_id = headers.get("x-request-id", "")
    assert REQUEST_ID.fullmatch(request_id), f"{where}: X-Request-Id is {request_id!r}"
    if sent_id is not None and REQUEST_ID.fullmatch(sent_id):
        assert request_id == sent_id, f"{where}: X-Request-Id {sent_id!r} became {request_id!r}"
    timing = headers.get("x-response-time", "")
    assert RESPONSE_TIME.fullmatch(timing), f"{where}: X-Response-Time is {timing!r}"
    nosniff = headers.get("x-content-type-options")
    assert nosniff == "nosniff", f"{where}: X-Content-Type-Options is {nosniff!r}"
    for banner in ("server", "x-powered-by", "x-runtime", "x-generator"):
        assert banner not in headers, f"{where}: {banner} tells {headers.get(banner)!r}"
    path = response.request.url.path
    under_prefix = path.startswith(f"{prefix}/")
    if under_prefix and response.status_code != 413 and response.request.method != "OPTIONS":
        limit_headers(response)
    if response.status_code >= 400:
        _error_body(response, where, request_id)
    elif response.status_code == 204:
        assert response.content == b"", f"{where}: 204 with a body"
    elif under_prefix and response.request.method not in ("HEAD", "OPTIONS"):
        body = response.json()
        assert body.get("success") is True, f"{where}: success is not true in {body}"
        assert "data" in body or {"jobId", "status"} <= set(body), f"{where}: {body}"


def limit_headers(response: Response) -> tuple[int, int, int]:
    """Limit, remaining and reset of a response that must have them."""
    where = f"{response.request.method} {response.request.url} → {response.status_code}"
    for name in LIMIT_HEADERS:
        assert response.headers.get(name, "").isdigit(), f"{where}: {name} is missing or no number"
    limit, remaining, reset = (int(response.headers[name]) for name in LIMIT_HEADERS)
    assert 0 <= remaining <= limit, f"{where}: {remaining} of {limit} places left"
    return limit, remaining, reset


def _error_body(response: Response, where: str, request_id: str) -> None:
    media = response.headers.get("content-type", "")
    assert media.split(";")[0] == "application/json", f"{where}: content type {media!r}"
    body = response.json()
    extra = set(body) - {"error", "requestId", "details"}
    assert not extra, f"{where}: unexpected {extra} in {body}"
    assert isinstance(body.get("error"), str), f"{where}: no error in {body}"
    assert body["error"], f"{where}: an empty error"
    assert body.get("requestId") == request_id, f"{where}: requestId is not X-Request-Id"
    for detail in body.get("details", []):
        assert set(detail) == {"path", "message"}, f"{where}: detail {detail}"
        assert all(isinstance(part, str) for part in detail.values()), f"{where}: detail {detail}"
    assert not LEAKS.search(response.text), f"{where}: tells of its inside: {response.text[:400]}"


def is_uuid(value: Any) -> bool:
    try:
        return isinstance(value, str) and str(uuid.UUID(value)) == value.lower()
    except ValueError:
        return False


def moment(value: Any) -> datetime:
    """A time of the contract: RFC 3339 in UTC."""
    assert TIME.fullmatch(str(value)), f"not RFC 3339 in UTC: {value!r}"
    parsed = datetime.fromisoformat(value)
    assert parsed.utcoffset() == timedelta(0)
    return parsed
