"""The one catalogue of errors: exceptions, statuses and OpenAPI all come from here."""

from collections.abc import Mapping, Sequence
from typing import Any, ClassVar, TypedDict

from fastapi.responses import JSONResponse
from starlette.exceptions import HTTPException

from .context import current_request_id


class Detail(TypedDict):
    path: str
    message: str


# Starlette's HTTPException is the base because FastAPI lets it pass while it reads a body.
class ApiError(HTTPException):
    status: ClassVar[int] = 500
    message: ClassVar[str] = "Internal server error"

    def __init__(
        self,
        message: str | None = None,
        *,
        details: Sequence[Detail] | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> None:
        super().__init__(self.status, message or self.message, headers)
        self.details = details


class BadRequest(ApiError):
    status = 400
    message = "Invalid request data"


class Unauthorized(ApiError):
    status = 401
    message = "Authentication is required"

    def __init__(self, message: str | None = None) -> None:
        super().__init__(message, headers={"WWW-Authenticate": "Bearer"})


class Forbidden(ApiError):
    status = 403
    message = "Not allowed"


class NotFound(ApiError):
    status = 404
    message = "Not found"


class MethodNotAllowed(ApiError):
    status = 405
    message = "Method not allowed"


class Conflict(ApiError):
    status = 409
    message = "Conflict with the current state"


class PayloadTooLarge(ApiError):
    status = 413
    message = "The request body is too large"


class UnsupportedMediaType(ApiError):
    status = 415
    message = "The request body must be application/json, without a content encoding"


class TooManyRequests(ApiError):
    status = 429
    message = "Rate limit exceeded"


class Unavailable(ApiError):
    status = 503
    message = "A needed service is unavailable, try again later"


class GatewayTimeout(ApiError):
    status = 504
    message = "The request took too long"


CATALOGUE: dict[int, type[ApiError]] = {
    error.status: error
    for error in (
        BadRequest,
        Unauthorized,
        Forbidden,
        NotFound,
        MethodNotAllowed,
        Conflict,
        PayloadTooLarge,
        UnsupportedMediaType,
        TooManyRequests,
        ApiError,
        Unavailable,
        GatewayTimeout,
    )
}


def error_response(error: HTTPException) -> JSONResponse:
    content: dict[str, Any] = {"error": error.detail, "requestId": current_request_id()}
    details = getattr(error, "details", None)
    if details:
        content["details"] = details
    return JSONResponse(content, error.status_code, headers=dict(error.headers or {}))
