import contextlib
import signal
import socket
import subprocess
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import psutil

from .errors import ServicesError
from .unprivileged import ENVIRONMENT, Unprivileged

PATIENCE_SECONDS = 30
# Servers outlive this process, but it has to bury those that end before it does.
_children: dict[int, subprocess.Popen[bytes]] = {}


@dataclass(frozen=True)
class Server:
    """A server process, recognised by its working directory, which is where its data is.

    A process number alone proves nothing: after a crash it belongs to somebody else.
    """

    label: str
    data: Path
    pid_file: Path
    log: Path
    arguments: Callable[[int], list[str]]
    ready: Callable[[int], bool]
    stop_signal: signal.Signals
    # Whether root lends it to another user, who has to be able to read the program.
    lent: bool = True

    def process(self) -> psutil.Process | None:
        try:
            process = psutil.Process(int(self.pid_file.read_text().split()[0]))
            alive = process.status() != psutil.STATUS_ZOMBIE
            return process if alive and self.data.samefile(process.cwd()) else None
        except (OSError, ValueError, IndexError, psutil.Error):
            return None

    def start(self, program: Path, user: Unprivileged, port: int) -> None:
        # What a killed server left behind would keep the next one from starting.
        self.pid_file.unlink(missing_ok=True)
        options = user.options if self.lent else {"env": ENVIRONMENT, "stdin": subprocess.DEVNULL}
        with self.log.open("a") as log:
            started = subprocess.Popen(
                [str(program), *self.arguments(port)],
                cwd=self.data,
                stdout=log,
                stderr=log,
                # Out of the reach of the Ctrl-C that ends the caller.
                start_new_session=True,
                **options,
            )
        _children[started.pid] = started
        deadline = time.monotonic() + PATIENCE_SECONDS
        while not (self.pid_file.exists() and self.ready(port)):
            if started.poll() is not None or time.monotonic() > deadline:
                self.stop()
                raise ServicesError(f"{self.label} does not start: {self._last_words()}")
            time.sleep(0.02)

    def stop(self) -> None:
        process = self.process()
        if process is None:
            return
        process.send_signal(self.stop_signal)
        deadline = time.monotonic() + PATIENCE_SECONDS
        # Not `process.wait()`: nobody may be there to reap a server that has ended.
        while self.process() and time.monotonic() < deadline:
            time.sleep(0.02)
        with contextlib.suppress(psutil.NoSuchProcess):
            process.kill()
        if child := _children.pop(process.pid, None):
            child.wait()

    def _last_words(self) -> str:
        lines = self.log.read_text(errors="replace").strip().splitlines()
        return f"{lines[-1] if lines else 'it says nothing'} (see {self.log})"


def postgres(folder: Path, log: Path, *, durable: bool) -> Server:
    pid_file = folder / "postmaster.pid"

    def arguments(port: int) -> list[str]:
        settings = {
            "listen_addresses": "127.0.0.1",
            "unix_socket_directories": "",
            "max_connections": "200",
        }
        if not durable:
            settings |= dict.fromkeys(("fsync", "full_page_writes", "synchronous_commit"), "off")
        options = [part for name, value in settings.items() for part in ("-c", f"{name}={value}")]
        return ["-D", str(folder), "-p", str(port), *options]

    def ready(_port: int) -> bool:
        status = pid_file.read_text().splitlines()[7:]
        return bool(status) and status[0].strip() == "ready"

    return Server(
        label="PostgreSQL",
        data=folder,
        pid_file=pid_file,
        log=log,
        arguments=arguments,
        ready=ready,
        # Its fast way down, which does not wait for clients to leave.
        stop_signal=signal.SIGINT,
    )


def valkey(folder: Path, log: Path, *, durable: bool) -> Server:
    pid_file = folder / "valkey.pid"

    def arguments(port: int) -> list[str]:
        settings = {
            "bind": "127.0.0.1",
            "port": str(port),
            "dir": str(folder),
            "pidfile": str(pid_file),
            "appendonly": "yes" if durable else "no",
            "save": "",
            # A queue must not lose jobs to make room.
            "maxmemory-policy": "noeviction",
        }
        return [part for name, value in settings.items() for part in (f"--{name}", value)]

    def ready(port: int) -> bool:
        with (
            contextlib.suppress(OSError),
            socket.create_connection(("127.0.0.1", port), timeout=1) as connection,
        ):
            connection.sendall(b"PING\r\n")
            return connection.recv(16).startswith(b"+PONG")
        return False

    return Server(
        label="Valkey",
        data=folder,
        pid_file=pid_file,
        log=log,
        arguments=arguments,
        ready=ready,
        stop_signal=signal.SIGTERM,
    )
