"""What a kind of job is made of: the claimed row, its handler, and how the handler may fail."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any
from uuid import UUID


@dataclass(slots=True, frozen=True)
class ClaimedJob:
    """A job that this worker alone may run, for as long as it renews its lease."""

    id: UUID
    token: UUID
    account_id: UUID
    type: str
    payload: dict[str, Any]
    attempts: int
    request_id: str | None


# A handler may run more than once for the same job, so its effect must be idempotent.
Handler = Callable[[ClaimedJob], Awaitable[None]]


class JobFailed(Exception):
    """This attempt failed. The message is shown to the tenant."""

    def __init__(self, message: str, *, retry_after: float | None = None) -> None:
        super().__init__(message)
        self.retry_after = retry_after


class JobMustWait(Exception):
    """Nothing could be tried yet: the job comes again, without having used up an attempt."""

    def __init__(self, seconds: float) -> None:
        super().__init__(f"Not before {seconds:.1f} s from now")
        self.seconds = seconds
