"""Log lines: a JSON object each, on stdout, from this service and from the libraries it uses."""

import json
import logging
import sys
import traceback
from collections.abc import MutableMapping
from datetime import UTC, datetime
from typing import Any

import structlog
from structlog.typing import EventDict, FilteringBoundLogger, WrappedLogger

from .redaction import redact

# They tell of every call at the level info, with its URL.
CHATTY = ("httpcore2", "httpx2", "uvicorn.access")


def configure_logging(level: str) -> None:
    """Safe to call again; from then on lines go wherever stdout goes."""
    threshold = logging.getLevelNamesMapping()[level.upper()]
    structlog.configure(
        processors=[structlog.contextvars.merge_contextvars, _shape, _render],
        wrapper_class=structlog.make_filtering_bound_logger(threshold),
        logger_factory=_Stdout,
    )
    logging.basicConfig(level=threshold, handlers=[_Forward()], force=True)
    logging.captureWarnings(capture=True)
    for name in CHATTY:
        logging.getLogger(name).setLevel(max(threshold, logging.WARNING))


def get_logger(name: str) -> FilteringBoundLogger:
    """A logger whose keyword arguments become fields of the line."""
    logger: FilteringBoundLogger = structlog.get_logger(name)
    return logger


def bind_request_id(request_id: str | None) -> None:
    """Put the id on every line of the current task and those it starts."""
    if request_id is None:
        structlog.contextvars.unbind_contextvars("requestId")
    else:
        structlog.contextvars.bind_contextvars(requestId=request_id)


class _Stdout:
    """Looks stdout up at every line, because tests and supervisors replace it."""

    def __init__(self, name: str) -> None:
        self.name = name

    def msg(self, line: str) -> None:
        sys.stdout.write(f"{line}\n")
        sys.stdout.flush()

    debug = info = warning = error = critical = msg


class _Forward(logging.Handler):
    """Gives the lines of libraries, which use the standard library's logging, the same shape."""

    def emit(self, record: logging.LogRecord) -> None:
        level = "error" if record.levelno > logging.ERROR else record.levelname.lower()
        method = level if level in {"debug", "info", "warning", "error"} else "info"
        try:
            log = getattr(get_logger(record.name), method)
            log(record.getMessage(), exc_info=record.exc_info)
        except Exception:  # noqa: BLE001
            self.handleError(record)


def _shape(logger: WrappedLogger, method: str, event: EventDict) -> EventDict:
    message, raised = event.pop("event"), event.pop("exc_info", None)
    line: MutableMapping[str, Any] = {
        "timestamp": datetime.now(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z"),
        "level": method,
        "message": message,
        "logger": logger.name,
        **event,
    }
    if error := _error(raised):
        line["error"] = error
    redacted: EventDict = redact(line)
    return redacted


def _error(raised: Any) -> dict[str, str] | None:
    if raised is True:
        raised = sys.exc_info()
    error = raised[1] if isinstance(raised, tuple) else raised
    if not isinstance(error, BaseException):
        return None
    return {
        "type": type(error).__qualname__,
        "message": str(error),
        "stack": "".join(traceback.format_exception(error)),
    }


def _render(_logger: WrappedLogger, _method: str, event: EventDict) -> str:
    # In ASCII: nothing that a caller wrote ends the line, moves a cursor or cannot be encoded.
    return json.dumps(event, default=str)
