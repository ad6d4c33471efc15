"""Reads JSON as strictly as the contract asks: what PostgreSQL or a peer cannot hold is refused."""

import json
import math
from email.message import Message
from typing import Any

from fastapi import Request

from .errors import BadRequest, UnsupportedMediaType

MAX_DEPTH = 64


class JsonRequest(Request):
    async def json(self) -> Any:
        if not hasattr(self, "_json"):
            self._json = parse_json(await self.body())
        return self._json


def require_json(request: Request) -> None:
    """Refuse a body that does not say it is plain JSON."""
    message = Message()
    message["content-type"] = request.headers.get("content-type", "")
    encoded = request.headers.get("content-encoding", "identity").lower() != "identity"
    if message.get_content_type() != "application/json" or encoded:
        raise UnsupportedMediaType


def parse_json(body: bytes) -> Any:
    try:
        document = json.loads(
            body.decode("utf-8"),
            parse_float=_float,
            parse_int=_int,
            parse_constant=_constant,
        )
        _refuse_unstorable(document, depth=1)
    except (ValueError, RecursionError) as error:
        raise BadRequest("The request body is not valid JSON") from error
    return document


def _float(literal: str) -> float:
    number = float(literal)
    if math.isinf(number):
        raise ValueError("number out of range")
    return number


def _int(literal: str) -> int:
    _float(literal)
    return int(literal)


def _constant(literal: str) -> float:
    raise ValueError(f"{literal} is not JSON")


def _refuse_unstorable(value: Any, *, depth: int) -> None:
    if isinstance(value, str):
        if "\x00" in value:
            raise ValueError("NUL")
        value.encode("utf-8")  # a lone surrogate fails here
    elif isinstance(value, dict):
        _refuse_deeper_than_allowed(depth)
        for key, item in value.items():
            _refuse_unstorable(key, depth=depth)
            _refuse_unstorable(item, depth=depth + 1)
    elif isinstance(value, list):
        _refuse_deeper_than_allowed(depth)
        for item in value:
            _refuse_unstorable(item, depth=depth + 1)


def _refuse_deeper_than_allowed(depth: int) -> None:
    if depth > MAX_DEPTH:
        raise ValueError("nested too deeply")
