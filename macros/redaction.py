"""What must never reach a log line: values under telling names, and what looks like a secret."""

import re
from collections.abc import Mapping
from functools import lru_cache
from typing import Any

REDACTED = "[redacted]"
TELLING = {"authorization", "body", "cookie", "key", "password", "secret", "token"}
WORDS = re.compile(r"[A-Z]?[a-z]+|[A-Z]+(?![a-z])")
SECRETS = re.compile(
    r"\b(?:sk|whsec)_[\w+/=-]{8,}"  # SDK keys, webhook secrets
    r"|\beyJ[\w-]+\.[\w-]+\.[\w-]*"  # JSON web tokens
    r"|(?<=://)[^\s/:@]*:[^\s/@]+(?=@)"  # the credentials of a URL
)


def redact(value: Any, name: str = "") -> Any:
    if _tells(name):
        return REDACTED
    if isinstance(value, str):
        return SECRETS.sub(REDACTED, value)
    if isinstance(value, Mapping):
        return {key: redact(inner, str(key)) for key, inner in value.items()}
    if isinstance(value, list | tuple | set | frozenset):
        return [redact(inner) for inner in value]
    return value


# The names of fields are few, and come with every line.
@lru_cache(maxsize=1024)
def _tells(name: str) -> bool:
    words = (word.lower() for word in WORDS.findall(name))
    return any(word in TELLING or word.removesuffix("s") in TELLING for word in words)
