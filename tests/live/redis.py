"""A word with the servers themselves, past the service: Redis, and whatever else carries jobs."""

import socket
from urllib.parse import unquote, urlsplit

import httpx2

# Where jobs wait: some queues are in Redis, which holds the rate limits besides.
QUEUES = ("REDIS_URL", "SQS_QUEUE_URL")


def forget(urls: dict[str, str]) -> None:
    """What a restart without persistence leaves of the queue: nothing."""
    flush(urls["REDIS_URL"])
    if queue := urls.get("SQS_QUEUE_URL"):
        purge = {"Action": "PurgeQueue", "QueueUrl": queue}
        httpx2.post(queue, data=purge, trust_env=False).raise_for_status()


def flush(url: str) -> None:
    """What a restart without persistence leaves: nothing."""
    target = urlsplit(url)
    with socket.create_connection((target.hostname, target.port or 6379), timeout=10) as server:
        if target.password:
            server.sendall(f"AUTH {unquote(target.password)}\r\n".encode())
            assert server.recv(64).startswith(b"+OK")
        server.sendall(b"FLUSHALL\r\n")
        assert server.recv(64).startswith(b"+OK")
