"""The door between a service and a server."""

import contextlib
import socket
import threading
from collections.abc import Iterator

import pytest

from harness import Gate


@pytest.fixture
def server() -> Iterator[int]:
    """Echoes."""
    listener = socket.create_server(("127.0.0.1", 0))

    def echo(connection: socket.socket) -> None:
        with connection:
            while received := connection.recv(1024):
                connection.sendall(received)

    def serve() -> None:
        while True:
            try:
                connection, _ = listener.accept()
            except OSError:
                return
            threading.Thread(target=echo, args=[connection], daemon=True).start()

    threading.Thread(target=serve, daemon=True).start()
    yield listener.getsockname()[1]
    listener.close()


@pytest.fixture
def gate(server: int) -> Iterator[Gate]:
    gate = Gate(f"redis://user:secret@127.0.0.1:{server}/0")
    yield gate
    gate.close()


def connect(gate: Gate) -> socket.socket:
    port = int(gate.url.rsplit(":", 1)[1].split("/")[0])
    return socket.create_connection(("127.0.0.1", port), timeout=5)


def says(connection: socket.socket, word: bytes) -> bytes:
    connection.sendall(word)
    return connection.recv(1024)


def test_open_it_lets_pass(gate: Gate) -> None:
    assert gate.url.startswith("redis://user:secret@127.0.0.1:")
    assert gate.url.endswith("/0")
    with connect(gate) as connection:
        assert says(connection, b"hello") == b"hello"


def test_shut_it_cuts_and_refuses_until_it_opens(gate: Gate) -> None:
    with connect(gate) as connection:
        says(connection, b"hello")
        gate.shut()
        with contextlib.suppress(ConnectionResetError):
            assert connection.recv(1) == b""
    with pytest.raises(ConnectionRefusedError):
        connect(gate)
    gate.open()
    with connect(gate) as connection:
        assert says(connection, b"again") == b"again"


def test_jammed_it_holds_all_until_it_opens(gate: Gate) -> None:
    with connect(gate) as connection:
        says(connection, b"hello")
        gate.jam()
        connection.settimeout(0.3)
        with pytest.raises(TimeoutError):
            says(connection, b"held")
        connection.settimeout(5)
        gate.open()
        assert connection.recv(1024) == b"held"
