"""Takes a real access token apart and signs changed ones, to see them refused."""

import base64
import hashlib
import hmac
import json
from typing import Any

REMOVED = object()


def decode(token: str) -> tuple[dict[str, Any], dict[str, Any]]:
    header, payload, _ = token.split(".")
    return _load(header), _load(payload)


def altered(token: str, secret: str, header: dict[str, Any] | None = None, **claims: Any) -> str:
    """The token with other claims (or without the REMOVED ones), signed with the secret."""
    old_header, payload = decode(token)
    new_header = {**old_header, **(header or {})}
    payload = {k: v for k, v in {**payload, **claims}.items() if v is not REMOVED}
    body = f"{_dump(new_header)}.{_dump(payload)}"
    if new_header["alg"].lower() == "none":
        return f"{body}."
    digest = getattr(hashlib, f"sha{new_header['alg'][2:]}")
    return f"{body}.{_encode(hmac.new(secret.encode(), body.encode(), digest).digest())}"


def with_claim(token: str, secret: str, name: str, written: str) -> str:
    """The token with a claim whose JSON is given as text, rightly signed."""
    header, payload = decode(token)
    claims = json.dumps({key: value for key, value in payload.items() if key != name})
    body = f"{_dump(header)}.{encoded(f'{claims[:-1]}, {json.dumps(name)}: {written}}}')}"
    return f"{body}.{_encode(hmac.new(secret.encode(), body.encode(), hashlib.sha256).digest())}"


def encoded(text: str) -> str:
    return _encode(text.encode())


def tampered_payload(token: str, **claims: Any) -> str:
    """Other claims under the old signature."""
    header, _, signature = token.split(".")
    return f"{header}.{_dump({**decode(token)[1], **claims})}.{signature}"


def tampered_signature(token: str) -> str:
    head, signature = token.rsplit(".", 1)
    flipped = "A" if signature[0] != "A" else "B"
    return f"{head}.{flipped}{signature[1:]}"


def _encode(raw: bytes) -> str:
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()


def _dump(value: Any) -> str:
    return _encode(json.dumps(value, separators=(",", ":")).encode())


def _load(text: str) -> dict[str, Any]:
    loaded = json.loads(base64.urlsafe_b64decode(text + "=" * (-len(text) % 4)))
    assert isinstance(loaded, dict)
    return loaded
