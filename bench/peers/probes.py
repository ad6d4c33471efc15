"""What a service answers to the requests that an insert has to refuse."""

from collections.abc import Callable
from dataclasses import replace

import httpx2

from .contestant import Contestant
from .load import Request
from .servers import psql

REFUSE = """\
CREATE FUNCTION refuse() RETURNS trigger LANGUAGE plpgsql
AS $$ BEGIN RAISE EXCEPTION 'refused at commit'; END $$"""
TRIGGER = """\
CREATE CONSTRAINT TRIGGER refuse AFTER INSERT ON {table}
DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION refuse()"""


def send(request: Request) -> str:
    """The status of one request, or that there was none."""
    try:
        answer = httpx2.request(
            request.method,
            request.url,
            json=dict(request.body),
            headers=dict(request.headers),
            trust_env=False,
            timeout=30,
        )
    except httpx2.TransportError:
        return "no answer"
    return str(answer.status_code)


def without_credentials(_: Contestant, request: Request) -> str:
    """An insert by nobody."""
    return send(replace(request, headers={}))


def unknown_field(_: Contestant, request: Request) -> str:
    """A field that the schema does not have."""
    return send(replace(request, body={**request.body, "unknown": True}))


def two_mebibytes(_: Contestant, request: Request) -> str:
    """A body that is far larger than any insert's, in a field that is not looked at."""
    return send(replace(request, body={**request.body, "unknown": "x" * 2**21}))


def failing_commit(contestant: Contestant, request: Request) -> str:
    """The database refuses when the transaction is committed: the row is not there."""
    url, table = contestant.database.geturl(), contestant.table
    psql(url, REFUSE, TRIGGER.format(table=table))
    try:
        return send(request)
    finally:
        psql(url, f"DROP TRIGGER refuse ON {table}", "DROP FUNCTION refuse()")


Probe = Callable[[Contestant, Request], str]
PROBES: dict[str, Probe] = {
    "no credentials": without_credentials,
    "an unknown field": unknown_field,
    "a body of 2 MiB": two_mebibytes,
    "the commit fails, the row is lost": failing_commit,
}
