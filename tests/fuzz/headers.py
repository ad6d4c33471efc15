"""Header values as callers, proxies and attackers write them, all within well-formed HTTP."""

import re
from collections.abc import Iterable
from email.message import Message

from hypothesis import strategies as st

from suite.tenants import Seed

Headers = list[tuple[str, str]]

# A field value, as HTTP defines it; no space around it, because that is no part of it.
FIELD = st.text(
    st.characters(min_codepoint=32, max_codepoint=255, exclude_characters="\x7f") | st.just("\t"),
    max_size=40,
).map(lambda text: text.strip(" \t"))
LONG = st.sampled_from(["x" * 129, "k" * 256, "0" * 4000])
VISIBLE = re.compile(r"[!-~]{1,255}")
ADDRESSES = ["127.0.0.1", "::1", "fe80::1%eth0", "1.2.3.4:80", "[::1]:1", "unknown", ",",
             ",,1.1.1.1,", "10.0.0.1, 10.0.0.2", "999.1.1.1", "0x7f.1",
             "::ffff:127.0.0.1"]  # fmt: skip
MEDIA = ["application/json", "APPLICATION/JSON", "application/json; charset=utf-8",
         'application/json;charset="utf-16"', "application/json;", "application/json; =", ";", "/",
         "text/plain", "application/json, text/plain", "application/jsonx", "application/ json",
         "application/problem+json", "multipart/form-data; boundary=x",
         '"application/json"']  # fmt: skip
ENCODINGS = ["identity", "gzip", "IDENTITY", "br, gzip", "", "x"]


def others() -> st.SearchStrategy[Headers]:
    """Headers that may hold anything without the answer being another one."""
    request_ids = FIELD | LONG | st.from_regex(r"[A-Za-z0-9._-]{1,128}", fullmatch=True)
    return st.lists(
        st.one_of(
            st.tuples(st.just("X-Request-Id"), request_ids),
            st.tuples(st.just("X-Forwarded-For"), FIELD | st.sampled_from(ADDRESSES)),
            st.tuples(st.sampled_from(["Cookie", "Accept", "Origin", "Referer", "Range"]), FIELD),
            st.tuples(st.sampled_from(["If-Match", "Accept-Encoding", "Forwarded", "TE"]), FIELD),
        ),
        max_size=3,
        unique_by=lambda header: header[0],
    )


def credentials(seed: Seed, token: str) -> st.SearchStrategy[Headers]:
    wrong = st.one_of(
        FIELD,
        LONG,
        st.sampled_from(
            [
                "Bearer",
                "Bearer ",
                "Basic YTpi",
                token,
                f"Bearer {token}x",
                f"Token {token}",
                f"Bearer {token[:-1]}",
                f"Bearer {token} {token}",
                f"Bearer {token},",
                "Bearer a.b.c",
                "Bearer eyJhbGciOiJub25lIn0.e30.",
                f"Bearer\t{token}",
            ]
        ),
    )
    keys = st.one_of(
        FIELD,
        LONG,
        st.sampled_from([seed.sdk_key, seed.sdk_key.upper(), seed.sdk_key[:-1], "sk_"]),
    )
    bearers = st.sampled_from([f"Bearer {token}", f"bearer {token}", f"BEARER {token}"]) | wrong
    return st.one_of(
        bearers.map(lambda value: [("Authorization", value)]),
        keys.map(lambda value: [("X-API-Key", value)]),
        st.just([("Authorization", f"Bearer {token}")]),
        st.tuples(bearers, keys).map(
            lambda both: [("Authorization", both[0]), ("X-API-Key", both[1])]
        ),
        st.just([]),
    )


def accounts(seed: Seed, other: Seed) -> st.SearchStrategy[Headers]:
    values = st.sampled_from(
        [seed.account_id, seed.account_id, other.account_id, seed.user_id, "", "*"]
    )
    return st.just([]) | (values | FIELD).map(lambda value: [("X-Account-Id", value)])


def contents() -> st.SearchStrategy[Headers]:
    return st.one_of(
        st.just([("Content-Type", "application/json")]),
        (st.sampled_from(MEDIA) | FIELD).map(lambda value: [("Content-Type", value)]),
        st.sampled_from(ENCODINGS).map(
            lambda value: [("Content-Type", "application/json"), ("Content-Encoding", value)]
        ),
        st.just([]),
    )


def keys() -> st.SearchStrategy[Headers]:
    legal = st.from_regex(VISIBLE, fullmatch=True)
    return st.just([]) | (legal | FIELD | LONG).map(lambda value: [("Idempotency-Key", value)])


def expected(
    headers: Iterable[tuple[str, str]], seed: Seed, token: str, sdk_route: bool
) -> set[int]:
    """Statuses that the contract allows; empty when the request is in order."""
    given = dict(headers)
    authorization, key = given.get("Authorization"), given.get("X-API-Key")
    if authorization is not None and key is not None:
        return {400}
    scheme, _, rest = (authorization or "").partition(" ")
    by_token = scheme.lower() == "bearer" and rest.strip() == token
    by_key = key is not None and key.strip() == seed.sdk_key
    if not by_token and not by_key:
        return {401}
    if by_key and not sdk_route:
        return {403}
    account = given.get("X-Account-Id")
    if account is not None and account.lower() != seed.account_id:
        return {403}
    return set()


def expected_of_body(headers: Iterable[tuple[str, str]]) -> set[int]:
    """The same for the headers that go with a body; both when it may be told of either."""
    given = dict(headers)
    message = Message()
    message["content-type"] = given.get("Content-Type", "")
    wrong = set()
    plain = given.get("Content-Encoding", "identity").lower() == "identity"
    if message.get_content_type() != "application/json" or not plain:
        wrong.add(415)
    key = given.get("Idempotency-Key")
    if key is not None and not VISIBLE.fullmatch(key):
        wrong.add(400)
    return wrong
