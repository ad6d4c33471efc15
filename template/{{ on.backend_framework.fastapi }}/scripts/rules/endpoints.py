"""Every route of the application, as its router sees it."""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

from fastapi import FastAPI
from fastapi.dependencies.models import Dependant
from fastapi.routing import iter_route_contexts
from pydantic import BaseModel
from starlette.routing import BaseRoute

from .project import API_PREFIX

EXEMPT = frozenset(
    {"/health/live", "/health/ready", "/metrics", "/openapi.json", "/docs", "/docs/oauth2-redirect"}
)
PATH_PARAMETER = re.compile(r"{(\w+)(?::\w+)?}")


@dataclass(frozen=True)
class Endpoint:
    method: str
    path: str
    route: BaseRoute = field(compare=False)
    handler: Callable[..., Any] | None = field(compare=False)
    dependant: Dependant = field(compare=False)
    body: Any = field(compare=False)
    """The annotation of its body, None when it takes none."""

    def __str__(self) -> str:
        return f"{self.method} {self.path}"

    @property
    def exempt(self) -> bool:
        """From limits, credentials and the envelope of answers."""
        return self.path in EXEMPT

    @property
    def is_api(self) -> bool:
        return self.path.startswith(f"{API_PREFIX}/")

    @property
    def path_names(self) -> list[str]:
        return PATH_PARAMETER.findall(self.path)

    def query_fields(self) -> dict[str, Any]:
        """The annotation of each query parameter, by the name that callers use."""
        fields: dict[str, Any] = {}
        for parameter in flat(self.dependant):
            model = parameter.field_info.annotation
            if isinstance(model, type) and issubclass(model, BaseModel):
                for name, known in model.model_fields.items():
                    fields[known.alias or name] = known.rebuild_annotation()
            else:
                fields[parameter.alias] = model
        return fields


def flat(dependant: Dependant) -> Iterator[Any]:
    yield from dependant.query_params
    for inner in dependant.dependencies:
        yield from flat(inner)


def endpoints_of(app: FastAPI) -> list[Endpoint]:
    found = [
        Endpoint(
            method=method,
            path=context.path,
            route=context.original_route,
            handler=context.endpoint,
            dependant=getattr(context, "dependant", None) or Dependant(),
            body=_annotation(getattr(context, "body_field", None)),
        )
        for context in iter_route_contexts(app.routes)
        if context.path
        # What is mounted or a socket has no methods: it is called, and found out, by GET.
        for method in sorted((context.methods or {"GET"}) - {"HEAD"})
    ]
    return list(dict.fromkeys(found))


def _annotation(body_field: Any) -> Any:
    return None if body_field is None else body_field.field_info.annotation
