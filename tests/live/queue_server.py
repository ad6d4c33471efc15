"""The server behind the queue, past the service: Redis, unless the queue has one of its own."""

from collections.abc import Mapping
from urllib.parse import urlsplit

import httpx2

from .redis import flush

OWN = "SQS_QUEUE_URL"
# The emulator takes any signature, and reads the region out of it.
SIGNED = (
    "AWS4-HMAC-SHA256 Credential=local/20260101/us-east-1/sqs/aws4_request,"
    " SignedHeaders=host, Signature=none"
)


def queue_setting(urls: Mapping[str, str]) -> str:
    """The setting that leads to it."""
    return OWN if OWN in urls else "REDIS_URL"


def forget(urls: Mapping[str, str]) -> None:
    """Every message is lost."""
    if queue_setting(urls) == OWN:
        _purge(urls[OWN])
    else:
        flush(urls["REDIS_URL"])


def _purge(queue: str) -> None:
    address = urlsplit(queue)
    answer = httpx2.post(
        f"{address.scheme}://{address.netloc}/",
        json={"QueueUrl": queue},
        headers={
            "Authorization": SIGNED,
            "Content-Type": "application/x-amz-json-1.0",
            "X-Amz-Target": "AmazonSQS.PurgeQueue",
        },
        trust_env=False,
    )
    assert answer.status_code == 200, answer.text
