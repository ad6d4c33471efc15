"""What surrounds every request: id, clock, size, headers, one log line, metrics, last resort."""

import re
from collections.abc import Callable
from uuid import uuid4

from starlette.datastructures import Headers, MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from .context import RequestContext, enter_context
from .errors import ApiError, PayloadTooLarge, error_response
from .logging import bind_request_id, get_logger
from .metrics import HTTP_DURATION, HTTP_REQUESTS
from .rate_limit import limit_headers

log = get_logger("http")

ACCEPTED_ID = re.compile(r"[A-Za-z0-9._-]{1,128}")
# Methods are a label: an invented one must not become a new time series.
METHODS = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"})


class RequestMiddleware:
    def __init__(
        self, app: ASGIApp, *, max_payload_bytes: int, route_of: Callable[[Scope], str]
    ) -> None:
        self._app = app
        self._max_payload_bytes = max_payload_bytes
        self._route_of = route_of

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        headers = Headers(scope=scope)
        context = RequestContext(_request_id(headers))
        enter_context(context)
        bind_request_id(context.request_id)
        answer = _Answer(context, send)
        try:
            if _declared_size(headers) > self._max_payload_bytes:
                await error_response(PayloadTooLarge())(scope, receive, answer.send)
            else:
                await self._app(scope, self._limited(receive), answer.send)
        except Exception as error:  # noqa: BLE001 - the last resort of every request
            context.failure = error
            if not answer.started:
                await error_response(ApiError())(scope, receive, answer.send)
        finally:
            self._record(scope, context, answer.status)

    def _limited(self, receive: Receive) -> Receive:
        """Count a body that came without a length while it is read."""
        received = 0

        async def limited() -> Message:
            nonlocal received
            message = await receive()
            received += len(message.get("body", b""))
            if received > self._max_payload_bytes:
                raise PayloadTooLarge
            return message

        return limited

    def _record(self, scope: Scope, context: RequestContext, status: int) -> None:
        method = scope["method"] if scope["method"] in METHODS else "OTHER"
        route = self._route_of(scope)
        HTTP_REQUESTS.labels(method, route, status).inc()
        HTTP_DURATION.labels(method, route, status).observe(context.elapsed_ms / 1000)
        fields = {
            "method": method,
            "route": route,
            "status": status,
            "durationMs": round(context.elapsed_ms, 1),
            "userId": str(context.user_id) if context.user_id else None,
            "accountId": str(context.account_id) if context.account_id else None,
        }
        if context.failure is not None:
            log.error("request failed", exc_info=context.failure, **fields)
        else:
            log.info("request", **fields)


class _Answer:
    """Adds the headers of every response as it starts, and remembers its status."""

    def __init__(self, context: RequestContext, send: Send) -> None:
        self._context = context
        self._send = send
        self.started = False
        self.status = 500

    async def send(self, message: Message) -> None:
        if message["type"] == "http.response.start":
            self.started = True
            self.status = message["status"]
            headers = MutableHeaders(scope=message)
            headers["X-Request-Id"] = self._context.request_id
            headers["X-Response-Time"] = f"{self._context.elapsed_ms:.0f}ms"
            headers["X-Content-Type-Options"] = "nosniff"
            if self._context.window is not None:
                headers.update(limit_headers(self._context.window))
        await self._send(message)


def _request_id(headers: Headers) -> str:
    given = headers.get("x-request-id", "")
    return given if ACCEPTED_ID.fullmatch(given) else str(uuid4())


def _declared_size(headers: Headers) -> int:
    length = headers.get("content-length", "")
    return int(length) if length.isascii() and length.isdigit() else 0
