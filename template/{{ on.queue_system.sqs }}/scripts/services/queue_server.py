"""The queue's own server: SQS as moto plays it."""

import signal
import sys
from pathlib import Path

from .server import Server

LABEL = "SQS"
PROGRAM = Path(sys.executable)
EMULATOR = Path(__file__).with_name("queue_emulator.py")
# The settings that lead to it, and the service of compose.yaml behind each.
URLS = {"SQS_QUEUE_URL": "sqs"}
# The emulator takes any credentials, and the SDK asks for some.
SETTINGS = {
    "AWS_REGION": "us-east-1",
    "AWS_ACCESS_KEY_ID": "local",
    "AWS_SECRET_ACCESS_KEY": "local",  # pragma: allowlist secret
}


def urls(port: int) -> dict[str, str]:
    return {"SQS_QUEUE_URL": f"http://127.0.0.1:{port}/123456789012/jobs"}


def server(folder: Path, log: Path) -> Server:
    return Server(
        label=LABEL,
        data=folder,
        pid_file=folder / "queue.pid",
        log=log,
        arguments=lambda port: [str(EMULATOR), "127.0.0.1", str(port)],
        ready=lambda _port: True,
        stop_signal=signal.SIGTERM,
        lent=False,
    )
