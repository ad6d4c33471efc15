"""Section 4: what the service's role may do in the database, beside what its policies allow."""

import uuid

import pytest

from harness import Service

from .database import LEDGERS, Refused, ask, bound_to, tables
from .stack import Stack

ANY_ACCOUNT = str(uuid.uuid4())
WITHOUT_ACCOUNT = {"accounts", "users", "refresh_tokens"}
# What callers cannot choose, and so cannot ask about: random ids and hashes of random keys.
UNGUESSABLE = {
    ("id",),
    ("key_hash",),
    ("endpoint_id", "webhook_id"),
}
# The functions that see every account, and why each must.
DEFINED_BY_THE_OWNER = {
    "enter_as_user": "finds the caller's account, before there is one",
    "enter_with_sdk_key": "finds the key's account, before there is one",
    "find_login": "somebody who logs in is not known yet",
    "store_refresh_token": "a session is of a user, not of an account",
    "rotate_refresh_token": "its caller is known by the token alone",
    "claim_job": "the worker takes one job by its id",
    "take_due_jobs": "the sweeper is told ids alone",
    "take_back_lost_jobs": "the sweeper is told ids alone",
    "claim_webhook_deliveries": "the relay sends those of all accounts",
    "purge_expired": "answers how many, to the sweeper",
}


@pytest.mark.parametrize(
    "statement",
    [
        "SET ROLE {owner}",
        "SET SESSION AUTHORIZATION {owner}",
        "SET row_security = off; SELECT count(*) FROM sdk_keys",
        "CREATE TABLE public.mine (id int)",
        "CREATE TABLE app.mine (id int)",
        "CREATE SCHEMA mine",
        "CREATE FUNCTION app.mine() RETURNS int LANGUAGE sql AS 'SELECT 1'",
        "ALTER FUNCTION app.current_account_id() RENAME TO mine",
        "ALTER ROLE CURRENT_USER BYPASSRLS",
        "CREATE POLICY all_of_it ON sdk_keys USING (true)",
        "DROP POLICY tenant_isolation ON sdk_keys",
        "CREATE VIEW pg_temp.peek AS SELECT * FROM refresh_tokens; SELECT * FROM pg_temp.peek",
        "SELECT password_hash FROM users",
        "SELECT * FROM refresh_tokens",
        "SELECT * FROM pg_authid",
        "SELECT * FROM pg_statistic",
        "SELECT pg_read_file('PG_VERSION')",
        "SELECT lo_import('/etc/hostname')",
        "COPY (SELECT 1) TO '/dev/null'",
        "COPY (SELECT 1) TO PROGRAM 'true'",
        "CREATE EXTENSION dblink",
    ],
)
def test_the_role_cannot_become_more_than_it_is(urls: dict[str, str], statement: str) -> None:
    (owner,) = ask(urls["MIGRATION_DATABASE_URL"], "SELECT current_user")
    wrong = (
        "permission denied|must be owner|must be able to|would be affected by row-level|Only roles"
    )
    with pytest.raises(Refused, match=wrong):
        ask(urls["DATABASE_URL"], bound_to(ANY_ACCOUNT) + statement.format(owner=owner))


def test_statistics_hold_no_values_of_rows(urls: dict[str, str]) -> None:
    ask(urls["MIGRATION_DATABASE_URL"], "ANALYZE")
    name = "schemaname || '.' || tablename"
    own = "('pg_catalog', 'information_schema')"
    seen = f"SELECT DISTINCT {name} FROM pg_stats WHERE schemaname NOT IN {own}"
    told = ask(urls["DATABASE_URL"], bound_to(ANY_ACCOUNT) + seen)
    assert set(told) <= LEDGERS


def test_tables_of_ones_own_do_not_stand_in_for_the_real_ones(
    stack: Stack, service: Service, urls: dict[str, str]
) -> None:
    """The functions that run as the owner look for tables where nobody else can put any."""
    mine = stack.seed(service)
    user, account = mine["user"]["id"], mine["account"]["id"]
    theirs = stack.seed(service)["account"]["id"]
    enter = "SELECT account_id FROM app.enter_as_user('{}', '{}')"
    assert ask(urls["DATABASE_URL"], enter.format(user, account)) == [account]
    assert ask(
        urls["DATABASE_URL"],
        "CREATE TEMPORARY TABLE accounts_memberships"
        f" AS SELECT '{theirs}'::uuid AS account_id, '{user}'::uuid AS member_id, 'owner' AS role",
        "SET search_path = pg_temp, public",
        enter.format(user, theirs).replace("account_id FROM", "account_id IS NULL FROM"),
    ) == ["t"]


def test_the_role_owns_nothing_and_is_in_no_other(urls: dict[str, str]) -> None:
    for holding in (
        "pg_class WHERE relowner = ",
        "pg_proc WHERE proowner = ",
        "pg_namespace WHERE nspowner = ",
        "pg_database WHERE datdba = ",
        "pg_auth_members WHERE member = ",
    ):
        count = f"SELECT count(*) FROM {holding} (SELECT oid FROM pg_roles WHERE rolname = user)"
        assert ask(urls["DATABASE_URL"], count) == ["0"], holding
    may = "rolsuper OR rolbypassrls OR rolcreaterole OR rolcreatedb OR rolreplication"
    assert ask(urls["DATABASE_URL"], f"SELECT {may} FROM pg_roles WHERE rolname = user") == ["f"]


def test_every_table_of_accounts_has_a_policy(urls: dict[str, str]) -> None:
    owner = urls["MIGRATION_DATABASE_URL"]
    without = ask(
        owner,
        "SELECT 'public.' || relname FROM pg_class AS c WHERE relnamespace = 'public'::regnamespace"
        " AND relkind IN ('r', 'p', 'v', 'm', 'f') AND NOT (relrowsecurity"
        " AND EXISTS (SELECT FROM pg_policy WHERE polrelid = c.oid))",
    )
    assert set(without) <= {"public.refresh_tokens"} | LEDGERS
    columns = (
        "SELECT table_name FROM information_schema.columns"
        " WHERE table_schema = 'public' AND column_name = 'account_id'"
    )
    named = {table.removeprefix("public.") for table in tables(owner) if table not in LEDGERS}
    assert named - set(ask(owner, columns)) == WITHOUT_ACCOUNT


def test_what_is_unique_is_so_within_an_account(urls: dict[str, str]) -> None:
    """Or else a conflict would tell of another account's rows."""
    found = ask(
        urls["MIGRATION_DATABASE_URL"],
        "SELECT i.indrelid::regclass, string_agg(a.attname, ' ' ORDER BY a.attname)"
        " FROM pg_index AS i JOIN pg_attribute AS a"
        " ON a.attrelid = i.indrelid AND a.attnum = ANY (i.indkey)"
        " WHERE i.indisunique AND i.indrelid IN"
        " (SELECT oid FROM pg_class WHERE relnamespace = 'public'::regnamespace)"
        " GROUP BY i.indexrelid, i.indrelid",
    )
    for table, _, columns in (line.partition("|") for line in found):
        named = tuple(columns.split())
        within = "account_id" in named or named in UNGUESSABLE
        whole = within or table in WITHOUT_ACCOUNT or f"public.{table}" in LEDGERS
        assert whole, f"{table} ({columns}) is unique over all accounts"


def test_a_reference_cannot_leave_its_account(urls: dict[str, str]) -> None:
    found = ask(
        urls["MIGRATION_DATABASE_URL"],
        "SELECT k.conrelid::regclass, k.confrelid::regclass, ("
        "SELECT bool_or(a.attname = 'account_id') FROM pg_attribute AS a"
        " WHERE a.attrelid = k.confrelid AND a.attnum = ANY (k.confkey))"
        " FROM pg_constraint AS k WHERE k.contype = 'f'",
    )
    assert found
    for table, target, within in (line.split("|") for line in found):
        assert within == "t" or target in WITHOUT_ACCOUNT, f"{table} refers to any {target}"


def test_functions_of_the_owner_are_few_and_tied_down(urls: dict[str, str]) -> None:
    found = ask(
        urls["MIGRATION_DATABASE_URL"],
        "SELECT proname, array_to_string(proconfig, ';'),"
        " EXISTS (SELECT FROM aclexplode(proacl) WHERE grantee = 0) OR proacl IS NULL"
        " FROM pg_proc WHERE prosecdef AND pronamespace NOT IN ('pg_catalog'::regnamespace)",
    )
    functions = [line.split("|") for line in found]
    assert {name for name, _, _ in functions} == set(DEFINED_BY_THE_OWNER)
    for name, settings, open_to_all in functions:
        assert "search_path=public, pg_temp" in settings, f"{name} looks wherever its caller says"
        assert open_to_all == "f", f"{name} may be called by everybody"
