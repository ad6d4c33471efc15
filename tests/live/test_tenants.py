"""No tenant sees, changes, counts or infers a row of another: by any route, and straight in SQL.

What is tried comes from the OpenAPI document and from the catalogue of the database, so that a new
route and a new table are in it by themselves.
"""

from collections.abc import Iterator

import pytest

from harness import tally
from suite.crossing import fire, shots

from .database import LEDGERS, Refused, ask, bound_to, snapshot, tables
from .stack import Stack
from .tenancy import Tenancy, two_accounts

OWN_ERRORS = ("permission denied", "row-level security", "invalid input syntax for type uuid")
# In no account: who may log in, and what has been migrated.
SHARED = {"public.users", "public.refresh_tokens"} | LEDGERS
# By which column a table tells whose its rows are.
ACCOUNT_COLUMN = {"public.accounts": "id"}
FORGED = ("", " ", "null", "%", "*", "0", "00000000-0000-0000-0000-000000000000", "{theirs},{mine}")


@pytest.fixture(scope="module")
def tenancy(stack: Stack, urls: dict[str, str]) -> Iterator[Tenancy]:
    with two_accounts(stack, urls) as tenancy:
        ask(
            tenancy.owner_url,
            *(
                "INSERT INTO performance_logs (account_id, operation, duration_ms, metadata)"
                f" VALUES ('{held.user.seed.account_id}', 'planted', 1, '{{}}')"
                for held in (tenancy.theirs, tenancy.mine)
            ),
        )
        yield tenancy


@pytest.fixture(scope="module")
def theirs(tenancy: Tenancy) -> str:
    return tenancy.theirs.user.seed.account_id


@pytest.fixture(scope="module")
def mine(tenancy: Tenancy) -> str:
    return tenancy.mine.user.seed.account_id


def of_accounts(tenancy: Tenancy) -> list[str]:
    return [table for table in tables(tenancy.owner_url) if table not in SHARED]


def outcome(url: str, *statements: str) -> str:
    """What the last statement answers, or `refused` when it is refused as it should be."""
    try:
        return " ".join(ask(url, *statements))
    except Refused as refusal:
        if any(words in str(refusal) for words in OWN_ERRORS):
            return "refused"
        raise


def test_no_operation_reaches_anything_of_another_tenant(tenancy: Tenancy) -> None:
    theirs, mine = tenancy.theirs, tenancy.mine
    attackers = tenancy.attackers()
    ids = (theirs.user.seed.account_id, theirs.user.seed.user_id)
    before = snapshot(tenancy.owner_url, *ids)
    calls, problems, aimed_at = 0, [], set()
    for turn, attacker in enumerate(attackers):
        for shot in shots(theirs, mine, turn=turn, every_id=attacker.owner):
            aimed_at.add(shot.operation.name)
            if not attacker.may(shot):
                fired, found = fire(theirs, attacker, shot)
                calls += fired
                problems += found
    assert not problems, "\n".join(problems)
    assert snapshot(tenancy.owner_url, *ids) == before
    assert aimed_at == {one.name for one in mine.user.api.limited()}
    tally.count("tenants × routes", operations=len(aimed_at), calls=calls, leaks=len(problems))


def test_every_table_holds_rows_of_both_accounts(tenancy: Tenancy, theirs: str, mine: str) -> None:
    """Or else the tests below would prove nothing."""
    for table in of_accounts(tenancy):
        column = ACCOUNT_COLUMN.get(table, "account_id")
        for account in (theirs, mine):
            statement = f"SELECT count(*) FROM {table} WHERE {column} = '{account}'"
            assert int(ask(tenancy.owner_url, statement)[0]) > 0, f"{table} holds nothing"


def test_without_an_account_there_are_no_rows(tenancy: Tenancy, theirs: str, mine: str) -> None:
    for table in tables(tenancy.owner_url):
        count = f"SELECT count(*) FROM {table}"
        assert outcome(tenancy.app_url, count) in ("0", "refused"), table
        for forged in FORGED:
            account = forged.format(theirs=theirs, mine=mine)
            seen = outcome(tenancy.app_url, bound_to(account) + count)
            assert seen in ("0", "refused"), f"{table} {forged!r}"


def test_another_account_is_out_of_reach(tenancy: Tenancy, theirs: str, mine: str) -> None:
    tried = 0
    for table in of_accounts(tenancy):
        column = ACCOUNT_COLUMN.get(table, "account_id")
        where = f"WHERE {column} = '{theirs}'"
        moved = f"SET {column} = '{theirs}'"
        copied = (
            f"SELECT (jsonb_populate_record(held, jsonb_build_object('{column}', '{theirs}',"
            f" 'id', gen_random_uuid()))).* FROM {table} AS held LIMIT 1"
        )
        for statement, harmless in (
            (f"SELECT count(*) FROM {table} {where}", "0"),
            (f"UPDATE {table} SET {column} = {column} {where} RETURNING 1", ""),
            (f"DELETE FROM {table} {where} RETURNING 1", ""),
            (f"UPDATE {table} {moved}", "refused"),
            (f"INSERT INTO {table} {copied}", "refused"),
            (f"TRUNCATE {table}", "refused"),
            (f"COPY (SELECT * FROM {table} {where}) TO STDOUT", ""),
            (f"ALTER TABLE {table} DISABLE ROW LEVEL SECURITY", "must be owner"),
        ):
            tried += 1
            session = [bound_to(mine) + "BEGIN", statement]
            if harmless == "must be owner":
                with pytest.raises(Refused, match=harmless):
                    ask(tenancy.app_url, *session)
            else:
                assert outcome(tenancy.app_url, *session) in (harmless, "refused"), statement
    tally.count("tenants × routes", SQL_attacks=tried)


def test_a_function_of_ones_own_is_shown_no_row_of_another(
    tenancy: Tenancy, theirs: str, mine: str
) -> None:
    """PostgreSQL asks the policy first, however cheap the function says that it is."""
    peek = (
        "CREATE FUNCTION pg_temp.peek(held text) RETURNS boolean LANGUAGE plpgsql COST 0.0000001"
        " AS $$ BEGIN RAISE NOTICE '%', held; RETURN true; END $$"
    )
    for table in of_accounts(tenancy):
        look = f"SELECT count(*) FROM {table} AS held WHERE pg_temp.peek(held::text)"
        told = outcome(tenancy.app_url, bound_to(mine) + peek, look)
        assert mine in told or told == "refused", table
        assert theirs not in told, table
