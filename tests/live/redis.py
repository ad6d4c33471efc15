"""A word with the server itself, past the service."""

import socket
from urllib.parse import unquote, urlsplit


def flush(url: str) -> None:
    """What a restart without persistence leaves: nothing."""
    target = urlsplit(url)
    with socket.create_connection((target.hostname, target.port or 6379), timeout=10) as server:
        if target.password:
            server.sendall(f"AUTH {unquote(target.password)}\r\n".encode())
            assert server.recv(64).startswith(b"+OK")
        server.sendall(b"FLUSHALL\r\n")
        assert server.recv(64).startswith(b"+OK")
