"""Section 2 and 4: the tokens that are refused."""

import time

import pytest

from suite import tokens
from suite.caller import Caller
from suite.checks import expect
from suite.openapi import UNKNOWN_ID
from suite.receiver import Receiver
from suite.tenants import Collection, Tenants
from suite.users import User

contract = pytest.mark.contract
by_password = pytest.mark.applies(auth=("jwt", "passport"))
FAR = 120


@pytest.fixture
def secret(tenants: Tenants) -> str:
    return tenants.settings.text("JWT_SECRET")


@contract("2.401-none")
def test_401_without_credentials(anonymous: Caller, collection: Collection) -> None:
    url = f"{collection.url}/{UNKNOWN_ID}"
    for method, path in (("GET", collection.url), ("POST", collection.url), ("DELETE", url)):
        expect(anonymous.request(method, path), 401)


@contract("2.401-bad", "4.bearer")
@pytest.mark.parametrize(
    "header",
    [
        "Bearer",
        "Bearer x",
        "Bearer a.b.c",
        "Bearer {token} x",
        "Basic {token}",
        "{token}",
        "Token {token}",
        "Bearer e30.e30.e30",
        "Bearer .." + "x" * 3000,
        "Digest x",
        "Bearer {token}x",
    ],
)
def test_401_malformed_authorization(
    anonymous: Caller, a: User, first: Collection, header: str
) -> None:
    token = a.headers["Authorization"].removeprefix("Bearer ")
    sent = header.replace("{token}", token)
    expect(anonymous.with_headers(Authorization=sent).get(first.url), 401)


@contract("4.bearer")
def test_the_scheme_is_written_in_any_case(anonymous: Caller, a: User, first: Collection) -> None:
    token = a.headers["Authorization"].removeprefix("Bearer ")
    for scheme in ("bearer", "BEARER"):
        expect(anonymous.with_headers(Authorization=f"{scheme} {token}").get(first.url), 200)


def refused(a: User, anonymous: Caller, first: Collection, token: str) -> None:
    assert token != token_of(a)
    expect(anonymous.with_headers(Authorization=f"Bearer {token}").get(first.url), 401)
    expect(anonymous.with_headers(Authorization=f"Bearer {token}").post(first.url, json={}), 401)


def token_of(a: User) -> str:
    return a.headers["Authorization"].removeprefix("Bearer ")


@contract("2.401-bad")
@by_password
def test_401_tampered_tokens(
    a: User, anonymous: Caller, first: Collection, tenants: Tenants, secret: str
) -> None:
    token = token_of(a)
    expect(
        anonymous.with_headers(Authorization=f"Bearer {tokens.altered(token, secret)}").get(
            first.url
        ),
        200,
    )
    other = tenants.seeds["b_owner"].user_id
    refused(a, anonymous, first, tokens.tampered_signature(token))
    refused(a, anonymous, first, tokens.tampered_payload(token, sub=other))
    refused(a, anonymous, first, tokens.altered(token, "another secret of 32 bytes or more"))
    refused(a, anonymous, first, tokens.altered(token, ""))
    refused(a, anonymous, first, token.rsplit(".", 1)[0] + ".")


@contract("2.401-alg-none")
@by_password
@pytest.mark.parametrize("alg", ["none", "None", "NONE", "nOnE"])
def test_401_alg_none(a: User, anonymous: Caller, first: Collection, secret: str, alg: str) -> None:
    token = tokens.altered(token_of(a), secret, header={"alg": alg})
    refused(a, anonymous, first, token)
    refused(a, anonymous, first, token + token_of(a).rsplit(".", 1)[1])


@contract("2.401-expired")
@by_password
def test_401_expired(a: User, anonymous: Caller, first: Collection, secret: str) -> None:
    now = int(time.time())
    for late in (61, FAR, 86400):
        refused(a, anonymous, first, tokens.altered(token_of(a), secret, exp=now - late))
    without = tokens.altered(token_of(a), secret, exp=tokens.REMOVED)
    refused(a, anonymous, first, without)


@contract("2.401-not-yet")
@by_password
def test_401_not_yet_valid(a: User, anonymous: Caller, first: Collection, secret: str) -> None:
    now = int(time.time())
    for early in (FAR, 600):
        refused(a, anonymous, first, tokens.altered(token_of(a), secret, nbf=now + early))


@contract("2.401-issuer")
@by_password
@pytest.mark.parametrize("issuer", ["https://elsewhere.test", "", None, tokens.REMOVED, ["x"]])
def test_401_wrong_issuer(
    a: User, anonymous: Caller, first: Collection, secret: str, issuer: object
) -> None:
    refused(a, anonymous, first, tokens.altered(token_of(a), secret, iss=issuer))


@contract("2.401-audience")
@by_password
@pytest.mark.parametrize("audience", ["elsewhere", "", None, tokens.REMOVED, [], ["elsewhere"]])
def test_401_wrong_audience(
    a: User, anonymous: Caller, first: Collection, secret: str, audience: object
) -> None:
    refused(a, anonymous, first, tokens.altered(token_of(a), secret, aud=audience))


@contract("2.401-user-gone")
@by_password
@pytest.mark.parametrize("user", [UNKNOWN_ID, "not-a-uuid", "", None, tokens.REMOVED, 1])
def test_401_user_that_is_gone(
    a: User, anonymous: Caller, first: Collection, secret: str, user: object
) -> None:
    refused(a, anonymous, first, tokens.altered(token_of(a), secret, sub=user))


@contract("2.401-bad", "2.no-leak")
@by_password
@pytest.mark.security
@pytest.mark.parametrize(
    "header",
    [
        '{"alg": "RS256", "typ": "JWT"}',
        '{"alg": "HS384"}',
        '{"alg": ["HS256", "none"]}',
        '{"alg": {"name": "HS256"}}',
        '{"alg": null}',
        '{"alg": "HS256", "crit": ["exp"]}',
        '{"alg": "HS256", "b64": false}',
        '{"alg": "HS256", "kid": {"a": "b"}}',
        '{"alg": "HS256", "alg": "none"}',
        "[]",
        "null",
        "1e999",
        '"HS256"',
        "[" * 20_000,
        '{"a":' * 5_000,
        '{"alg": "\\ud800"}',
    ],
    ids=lambda header: str(header)[:40],
)
def test_401_hostile_header_of_a_token(
    a: User, anonymous: Caller, first: Collection, secret: str, header: str
) -> None:
    """None of them says that the token is to be believed without the secret."""
    _, payload, _ = token_of(a).split(".")
    for signature in ("", "AAAA", token_of(a).rsplit(".", 1)[1]):
        refused(a, anonymous, first, f"{tokens.encoded(header)}.{payload}.{signature}")


@contract("2.401-bad", "2.401-expired", "2.no-leak")
@by_password
@pytest.mark.security
@pytest.mark.parametrize("claim", ["exp", "nbf", "iat"])
@pytest.mark.parametrize("value", ["1e999", "-1e999", "NaN", '"soon"', "[]", "{}", '"1e999"'])
def test_401_time_of_a_token_that_is_none(
    a: User, anonymous: Caller, first: Collection, secret: str, claim: str, value: str
) -> None:
    refused(a, anonymous, first, tokens.with_claim(token_of(a), secret, claim, value))


@contract("2.401-bad")
@by_password
@pytest.mark.security
def test_a_key_that_a_token_names_is_not_looked_for(
    a: User, anonymous: Caller, first: Collection, receiver: Receiver
) -> None:
    mailbox = receiver.mailbox()
    for name, value in (
        ("kid", "../../../../dev/null"),
        ("kid", "' UNION SELECT ''--"),
        ("jku", mailbox.url),
        ("x5u", mailbox.url),
        ("jwk", {"kty": "oct", "k": ""}),
    ):
        header = {name: value}
        for key in ("", "x" * 32):
            refused(a, anonymous, first, tokens.altered(token_of(a), key, header=header))
    assert mailbox.calls == []
