"""The format of SDK keys: `sk_`, 32 random bytes, and a checksum that tells typos from keys."""

import hashlib
import secrets
import zlib

PREFIX = "sk_"
SHOWN_CHARACTERS = 11


def generate_key() -> str:
    body = secrets.token_hex(32)
    return f"{PREFIX}{body}{_checksum(body)}"


def is_well_formed(key: str) -> bool:
    body, checksum = key[len(PREFIX) : -8], key[-8:]
    return (
        key.isascii()
        and key.startswith(PREFIX)
        and len(body) == 64
        and secrets.compare_digest(_checksum(body), checksum)
    )


def hash_key(key: str) -> str:
    """SHA-256 suffices: the key itself is 256 random bits, so there is nothing to guess."""
    return hashlib.sha256(key.encode()).hexdigest()


def shown_prefix(key: str) -> str:
    return key[:SHOWN_CHARACTERS]


def _checksum(body: str) -> str:
    return f"{zlib.crc32(body.encode()):08x}"
