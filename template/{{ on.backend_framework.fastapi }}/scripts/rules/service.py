"""The application on real services, called in this process."""

import itertools
import secrets
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

import httpx2
from fastapi import FastAPI

from .catalogue import Catalogue
from .endpoints import Endpoint, endpoints_of
from .examples import Examples
from .log import Line, Log
from .project import Seed, Settings, create_app, seed
from .statements import Statements

# So high that no rule meets a limit unless it asks for one.
NO_LIMIT = 10**9


@dataclass(frozen=True, slots=True)
class Tenant:
    account_id: str
    headers: Mapping[str, str]
    examples: Examples


@dataclass(frozen=True, slots=True)
class Answer:
    status: int
    headers: httpx2.Headers
    text: str
    content: Any
    """Its JSON, None when it is none."""
    request_id: str
    statements: tuple[str, ...]
    log: list[Line] = field(repr=False)

    @property
    def rows(self) -> list[Any] | None:
        """What a list shows; None for any other answer."""
        data = self.content.get("data") if isinstance(self.content, dict) else None
        return data if isinstance(data, list) else None


class Service:
    def __init__(self, app: FastAPI, settings: Settings, log: Log) -> None:
        self.app = app
        self.settings = settings
        self.endpoints = endpoints_of(app)
        self.statements = Statements(app.state.database.engine.sync_engine)
        self._log = log
        self._numbers = itertools.count(1)
        self._client = httpx2.AsyncClient(
            transport=httpx2.ASGITransport(app, raise_app_exceptions=False),
            base_url="http://service",
        )

    async def call(
        self,
        endpoint: Endpoint,
        tenant: Tenant,
        *,
        query: Mapping[str, Any] | None = None,
        extra_body: Mapping[str, Any] | None = None,
        path: Mapping[str, Any] | None = None,
    ) -> Answer:
        """Send what the route accepts, as an owner of the account; or more than that."""
        body = None
        if endpoint.body is not None:
            body = await tenant.examples.of(endpoint.body_schema)
            # Of several in a list the first one gets it.
            first = body[0] if isinstance(body, list) else body
            if isinstance(first, dict):
                first |= extra_body or {}
        url = await tenant.examples.url(endpoint, path or {})
        parameters = await tenant.examples.required_query(endpoint) | dict(query or {})
        return await self.send(endpoint.method, url, tenant.headers, body, parameters)

    async def send(
        self,
        method: str,
        url: str,
        headers: Mapping[str, str],
        body: Any = None,
        query: Mapping[str, Any] | None = None,
    ) -> Answer:
        request_id = f"rules-{next(self._numbers)}-{secrets.token_hex(4)}"
        self.statements.start()
        response = await self._client.request(
            method, url, params=query, json=body, headers={**headers, "X-Request-Id": request_id}
        )
        try:
            content = response.json()
        except ValueError:
            content = None
        return Answer(
            status=response.status_code,
            headers=response.headers,
            text=response.text,
            content=content,
            request_id=request_id,
            statements=tuple(self.statements.texts),
            log=self._log.of_request(request_id),
        )

    async def new_tenant(self, catalogue: Catalogue) -> Tenant:
        unique = secrets.token_hex(6)
        email, password = f"{unique}@example.com", secrets.token_hex(12)
        wanted = Seed(account=f"Rules {unique}", email=email, password=password)
        made = await seed(wanted, self.settings.owner_database_url)
        known = {"email": email, "password": password, "mainEntityId": made["mainEntity"]["id"]}
        token = self.app.state.tokens.issue(UUID(made["user"]["id"]))
        return Tenant(
            account_id=made["account"]["id"],
            headers={"Authorization": f"Bearer {token}"},
            examples=Examples(catalogue, made["account"]["id"], known),
        )


@asynccontextmanager
async def serving(urls: Mapping[str, str], log: Log, **changes: Any) -> AsyncIterator[Service]:
    limits = dict.fromkeys(
        (
            "rate_limit_public_per_minute",
            "rate_limit_authenticated_per_minute",
            "rate_limit_login_per_minute",
        ),
        NO_LIMIT,
    )
    settings = Settings(
        **{
            **{name.lower(): url for name, url in urls.items() if name.lower() in KNOWN},
            "jwt_secret": SECRET,
            "log_level": "info",
            "webhook_allow_private": True,
            **limits,
            **changes,
        }
    )
    app = create_app(settings)
    async with app.router.lifespan_context(app):
        yield Service(app, settings, log)


KNOWN = Settings.model_fields.keys()
# One for all applications, so that a token holds for each of them.
SECRET = secrets.token_hex(32)
