"""The route class of the API: credentials, limit and strict input come before every handler."""

import asyncio
from collections.abc import Awaitable, Callable

from fastapi import Request, Response
from fastapi.dependencies.models import Dependant
from fastapi.exceptions import RequestValidationError
from fastapi.routing import APIRoute
from pydantic import BaseModel
from starlette.requests import ClientDisconnect

from .access import Access, Anonymous
from .database import Database
from .errors import ApiError, BadRequest, Detail, GatewayTimeout, NotFound, PayloadTooLarge
from .jsonbody import JsonRequest, require_json

Handler = Callable[[Request], Awaitable[Response]]


class Route(APIRoute):
    """Runs a handler in one transaction that is committed before the answer leaves."""

    def get_route_handler(self) -> Handler:  # type: ignore[override]
        handler = super().get_route_handler()
        access = access_of(self.dependant)
        query_names = query_names_of(self.dependant)
        has_body = self.body_field is not None

        async def guarded(plain: Request) -> Response:
            request = JsonRequest(plain.scope, plain.receive)
            database: Database = request.app.state.database
            seconds = request.app.state.settings.request_timeout_ms / 1000
            # Awaited first, because slow senders must not hold the database's connections; judged
            # in its turn.
            problem = await _problem_of_body(request, seconds) if has_body else None
            try:
                async with asyncio.timeout(seconds), database.transaction() as session:
                    request.state.session = session
                    await access.enforce(request, session)
                    _refuse_unknown_query(request, query_names)
                    if problem is not None:
                        raise problem
                    if has_body and await request.body():
                        require_json(request)
                    return await handler(request)
            except RequestValidationError as error:
                raise explain(error) from error
            except TimeoutError as error:
                raise GatewayTimeout from error

        return guarded


async def _problem_of_body(request: Request, seconds: float) -> ApiError | None:
    """Read the body, which the request keeps."""
    try:
        async with asyncio.timeout(seconds):
            await request.body()
    except PayloadTooLarge as problem:
        return problem
    except (TimeoutError, ClientDisconnect):
        return BadRequest("The request body did not arrive in full")
    return None


def access_of(dependant: Dependant) -> Access:
    """The access a handler declares; a handler that declares none is for anonymous callers."""
    declared = [sub.call for sub in dependant.dependencies if isinstance(sub.call, Access)]
    return declared[0] if declared else Anonymous()


def query_names_of(dependant: Dependant) -> frozenset[str]:
    names: set[str] = set()
    for field in dependant.query_params:
        model = field.field_info.annotation
        if isinstance(model, type) and issubclass(model, BaseModel):
            names.update(known.alias or name for name, known in model.model_fields.items())
        else:
            names.add(field.alias)
    return frozenset(names).union(*(query_names_of(sub) for sub in dependant.dependencies))


def _refuse_unknown_query(request: Request, known: frozenset[str]) -> None:
    unknown = sorted(set(request.query_params) - known)
    if unknown:
        raise BadRequest(
            details=[{"path": name, "message": "Unknown query parameter"} for name in unknown]
        )


def explain(error: RequestValidationError) -> ApiError:
    """Turn Pydantic's findings into the contract's details; a malformed id is just not found."""
    findings = error.errors()
    if any(finding["loc"][0] == "path" for finding in findings):
        return NotFound()
    return BadRequest(details=[_detail(finding) for finding in findings])


def _detail(finding: dict[str, object]) -> Detail:
    location = finding["loc"]
    assert isinstance(location, tuple)
    message = str(finding["msg"]).removeprefix("Value error, ")
    if finding["type"] == "extra_forbidden":
        message = "Unknown field"
    return {"path": ".".join(str(part) for part in location[1:]), "message": message}
