"""The types that entity fields are made of, as strict as the contract."""

from datetime import datetime
from decimal import Decimal
from typing import Annotated, Any
from uuid import UUID

from pydantic import AfterValidator, AwareDatetime, BeforeValidator, PlainSerializer, WithJsonSchema

# Beyond this a JSON number is no longer exact for callers that hold numbers as doubles.
MAX_SAFE_INTEGER = 2**53 - 1

DECIMAL_PATTERN = r"^-?[0-9]{1,14}(\.[0-9]{1,4})?$"


def absent() -> Any:
    """The default of a PATCH field: never read, because only the named fields are."""
    return None


def _text_only(value: object) -> object:
    if not isinstance(value, str):
        raise ValueError("Input should be a string")
    return value


def _whole(value: object) -> object:
    return int(value) if isinstance(value, float) and value.is_integer() else value


# Stands last in what it annotates, after the bounds, or else they are missing in the document.
# JSON has one kind of number: 8.0 is 8.
Whole = BeforeValidator(_whole)


def _decimal(value: object) -> object:
    if isinstance(value, Decimal):
        return value
    if not isinstance(value, str) or not _fits(value):
        raise ValueError("Input should be a decimal in a string: 14 digits, 4 decimal places")
    return value


def _fits(text: str) -> bool:
    whole, _, fraction = text.removeprefix("-").partition(".")
    digits = whole + fraction
    return (
        digits.isascii()
        and digits.isdigit()
        and 1 <= len(whole) <= 14
        and len(fraction) <= 4
        and (bool(fraction) or "." not in text)
    )


# A decimal travels as a string: a JSON number would lose digits on the way.
DecimalString = Annotated[
    Decimal,
    BeforeValidator(_decimal),
    PlainSerializer(lambda value: f"{value:.4f}", return_type=str),
    WithJsonSchema({"type": "string", "pattern": DECIMAL_PATTERN}),
]


def _rfc3339(value: object) -> object:
    text = _text_only(value)
    assert isinstance(text, str)
    # Pydantic also takes Unix seconds in a string and dates without a time.
    if len(text) < len("2026-01-01T00:00:00Z") or text[10] not in "Tt ":
        raise ValueError("Input should be an RFC 3339 date-time with a time zone")
    return text


def _storable(value: datetime) -> datetime:
    try:
        return value.astimezone(tz=value.tzinfo)
    except (OverflowError, ValueError) as error:
        raise ValueError("Input is out of range") from error


Rfc3339 = Annotated[AwareDatetime, BeforeValidator(_rfc3339), AfterValidator(_storable)]
RowId = Annotated[UUID, BeforeValidator(_text_only)]
