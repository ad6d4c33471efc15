"""What is known about the request that is being served."""

import time
from contextvars import ContextVar
from dataclasses import dataclass, field
from uuid import UUID


@dataclass(slots=True, frozen=True)
class Window:
    """The state of one rate limit after a request has been counted."""

    limit: int
    remaining: int
    reset: int
    allowed: bool


@dataclass(slots=True)
class RequestContext:
    request_id: str
    started: float = field(default_factory=time.perf_counter)
    user_id: UUID | None = None
    account_id: UUID | None = None
    window: Window | None = None
    failure: BaseException | None = None

    @property
    def elapsed_ms(self) -> float:
        return (time.perf_counter() - self.started) * 1000

    def tighten(self, window: Window) -> None:
        """Keep the limit with the fewest places left: it is the one the headers tell of."""
        if self.window is None or window.remaining <= self.window.remaining:
            self.window = window


_current: ContextVar[RequestContext | None] = ContextVar("request_context", default=None)


def enter_context(context: RequestContext) -> None:
    _current.set(context)


def current_context() -> RequestContext:
    context = _current.get()
    if context is None:
        raise LookupError("no request is being served")
    return context


def current_request_id() -> str | None:
    context = _current.get()
    return context.request_id if context else None
