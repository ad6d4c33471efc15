import json
import logging
import sys
import traceback
from contextvars import ContextVar
from datetime import UTC, datetime
from typing import Any

from .redaction import redact

# They tell of every call at the level info, with its URL.
CHATTY = ("httpcore2", "httpx2", "uvicorn.access")

_request_id: ContextVar[str | None] = ContextVar("request_id", default=None)


def configure_logging(level: str) -> None:
    """Safe to call again; from then on lines go wherever stdout goes."""
    threshold = logging.getLevelNamesMapping()[level.upper()]
    handler = _Stdout()
    handler.setFormatter(_JsonFormatter())
    logging.basicConfig(level=threshold, handlers=[handler], force=True)
    logging.captureWarnings(capture=True)
    for name in CHATTY:
        logging.getLogger(name).setLevel(max(threshold, logging.WARNING))


def get_logger(name: str) -> "Logger":
    return Logger(logging.getLogger(name))


def bind_request_id(request_id: str | None) -> None:
    """Put the id on every line of the current task and those it starts."""
    _request_id.set(request_id)


class Logger:
    """A logger whose keyword arguments become fields of the line."""

    def __init__(self, logger: logging.Logger) -> None:
        self._logger = logger

    def debug(self, message: str, **fields: Any) -> None:
        self._log(logging.DEBUG, message, fields)

    def info(self, message: str, **fields: Any) -> None:
        self._log(logging.INFO, message, fields)

    def warning(self, message: str, **fields: Any) -> None:
        self._log(logging.WARNING, message, fields)

    def error(self, message: str, **fields: Any) -> None:
        self._log(logging.ERROR, message, fields)

    def exception(self, message: str, **fields: Any) -> None:
        self._log(logging.ERROR, message, {"exc_info": True, **fields})

    def _log(self, level: int, message: str, fields: dict[str, Any]) -> None:
        if self._logger.isEnabledFor(level):
            raised = fields.pop("exc_info", None)
            self._logger.log(level, "%s", message, exc_info=raised, extra={"fields": fields})


class _Stdout(logging.Handler):
    """Looks stdout up at every line, because tests and supervisors replace it."""

    def emit(self, record: logging.LogRecord) -> None:
        try:
            sys.stdout.write(f"{self.format(record)}\n")
            sys.stdout.flush()
        except Exception:  # noqa: BLE001
            self.handleError(record)


class _JsonFormatter(logging.Formatter):
    def format(self, record: logging.LogRecord) -> str:
        moment = datetime.fromtimestamp(record.created, UTC)
        line: dict[str, Any] = {
            "timestamp": moment.isoformat(timespec="milliseconds").replace("+00:00", "Z"),
            "level": "error" if record.levelno > logging.ERROR else record.levelname.lower(),
            "message": record.getMessage(),
            "logger": record.name,
        }
        if request_id := _request_id.get():
            line["requestId"] = request_id
        line |= getattr(record, "fields", {})
        if record.exc_info and record.exc_info[1]:
            error = record.exc_info[1]
            line["error"] = {
                "type": type(error).__qualname__,
                "message": str(error),
                "stack": "".join(traceback.format_exception(error)),
            }
        # In ASCII: nothing that a caller wrote ends the line, moves a cursor or cannot be encoded.
        return json.dumps(redact(line), default=str)
