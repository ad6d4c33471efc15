"""Every route of the application, as its router sees it."""

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Annotated, Any

from fastapi import FastAPI
from fastapi.dependencies.models import Dependant
from fastapi.routing import iter_route_contexts
from pydantic import BaseModel, TypeAdapter
from pydantic.fields import FieldInfo
from starlette.routing import BaseRoute

from .project import API_PREFIX

EXEMPT = frozenset(
    {"/health/live", "/health/ready", "/metrics", "/openapi.json", "/docs", "/docs/oauth2-redirect"}
)
PATH_PARAMETER = re.compile(r"{(\w+)(?::\w+)?}")

Schema = Mapping[str, Any]


@dataclass(frozen=True)
class Parameter:
    schema: Schema
    required: bool


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

    @cached_property
    def body_schema(self) -> Schema:
        return TypeAdapter(self.body).json_schema()

    @cached_property
    def query(self) -> dict[str, Parameter]:
        """By the names that callers use."""
        found: dict[str, Parameter] = {}
        for declared in flat(self.dependant, "query_params"):
            model = declared.field_info.annotation
            if isinstance(model, type) and issubclass(model, BaseModel):
                for name, known in model.model_fields.items():
                    found[known.alias or name] = _parameter(known)
            else:
                found[declared.alias] = _parameter(declared.field_info)
        return found

    @cached_property
    def declared_path(self) -> dict[str, Parameter]:
        """What the handler, or what it depends on, takes from the path."""
        declared = flat(self.dependant, "path_params")
        return {known.alias: _parameter(known.field_info) for known in declared}


def flat(dependant: Dependant, kind: str) -> Iterator[Any]:
    yield from getattr(dependant, kind)
    for inner in dependant.dependencies:
        yield from flat(inner, kind)


def _parameter(known: FieldInfo) -> Parameter:
    described = Annotated[known.annotation, known]  # type: ignore[name-defined]
    return Parameter(TypeAdapter(described).json_schema(), known.is_required())


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
