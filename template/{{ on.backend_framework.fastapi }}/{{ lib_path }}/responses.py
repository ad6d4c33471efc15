"""The envelopes of every answer."""

from typing import Any, Generic, Literal, Self, TypeVar
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field, model_validator
from pydantic.alias_generators import to_camel

Data = TypeVar("Data")


class Output(BaseModel):
    """A row as the API shows it: camelCase, read from an ORM object."""

    model_config = ConfigDict(
        alias_generator=to_camel,
        validate_by_name=True,
        validate_by_alias=True,
        serialize_by_alias=True,
        from_attributes=True,
        # What has a default is in every answer all the same.
        json_schema_serialization_defaults_required=True,
    )


class Input(BaseModel):
    """A body as callers send it: camelCase, and nothing that is not declared."""

    model_config = ConfigDict(
        alias_generator=to_camel,
        extra="forbid",
        str_strip_whitespace=False,
        serialize_by_alias=True,
    )


class Success(Output, Generic[Data]):
    success: Literal[True] = True
    data: Data


class Page(Output, Generic[Data]):
    success: Literal[True] = True
    data: list[Data]
    next_cursor: str | None


class Accepted(Output):
    success: Literal[True] = True
    job_id: UUID
    status: Literal["queued", "active", "completed", "failed"]


class ErrorDetail(Output):
    path: str
    message: str


class Error(Output):
    model_config = ConfigDict(json_schema_serialization_defaults_required=False)

    error: str
    request_id: str
    details: list[ErrorDetail] = Field(default_factory=list)


class Patch(Input):
    """A body that changes what it names; an optional field is cleared by null."""

    model_config = ConfigDict(json_schema_extra={"minProperties": 1})

    @model_validator(mode="after")
    def _names_something(self) -> Self:
        if not self.model_fields_set:
            raise ValueError("Name at least one field")
        return self

    def changes(self) -> dict[str, Any]:
        return {name: getattr(self, name) for name in self.model_fields_set}
