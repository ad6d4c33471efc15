"""SQS for development and tests: moto's server, with the queue and the one for its dead letters.

It keeps nothing: after a restart both are there again, and empty.
"""

import json
import os
import signal
import sys
from pathlib import Path
from typing import Any

import boto3
from moto.server import ThreadedMotoServer
from moto.sqs.models import Message, SQSBackend

REGION = "us-east-1"
VISIBILITY_SECONDS = 60
# How often a message may be received before it is a dead letter.
MAX_RECEIVES = 5
LONGEST_WAIT_SECONDS = 1


def main(host: str, port: int) -> None:
    shorten_polls()
    ThreadedMotoServer(host, port, verbose=False).start()
    # Whatever the credentials are, the emulator takes them.
    sqs = boto3.client(
        "sqs",
        region_name=REGION,
        endpoint_url=f"http://127.0.0.1:{port}",
        aws_access_key_id="local",
        aws_secret_access_key="local",  # noqa: S106  # pragma: allowlist secret
    )
    dead = sqs.create_queue(QueueName="jobs-dead")["QueueUrl"]
    known = sqs.get_queue_attributes(QueueUrl=dead, AttributeNames=["QueueArn"])
    redrive = {
        "deadLetterTargetArn": known["Attributes"]["QueueArn"],
        "maxReceiveCount": MAX_RECEIVES,
    }
    sqs.create_queue(
        QueueName="jobs",
        Attributes={
            "VisibilityTimeout": str(VISIBILITY_SECONDS),
            "RedrivePolicy": json.dumps(redrive),
        },
    )
    # Last, as it says that all is there.
    Path("queue.pid").write_text(str(os.getpid()))
    signal.pause()


def shorten_polls() -> None:
    """Moto does not see that a caller has gone, and would hand a message to nobody."""
    receive = SQSBackend.receive_message

    def receive_soon(
        backend: SQSBackend, name: str, count: int, wait_seconds: int, *others: Any
    ) -> list[Message]:
        return receive(backend, name, count, min(wait_seconds, LONGEST_WAIT_SECONDS), *others)

    SQSBackend.receive_message = receive_soon  # type: ignore[assignment, method-assign]


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]))
