"""Lets browsers of the listed origins read the API; the others get the contract's error."""

from starlette.datastructures import Headers
from starlette.middleware.cors import CORSMiddleware
from starlette.responses import Response

from .errors import BadRequest, error_response

EXPOSED = (
    "Idempotent-Replay",
    "Retry-After",
    "X-RateLimit-Limit",
    "X-RateLimit-Remaining",
    "X-RateLimit-Reset",
    "X-Request-Id",
    "X-Response-Time",
)


class Cors(CORSMiddleware):
    def preflight_response(self, request_headers: Headers) -> Response:
        response = super().preflight_response(request_headers)
        if response.status_code == BadRequest.status:
            return error_response(BadRequest("The origin, method or header is not allowed"))
        return response
