"""Sees every SQL statement of the application, and makes chosen ones fail."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ClauseElement, Delete, Engine, Insert, Select, Update, event

# Statements that look for rows.
Reaching = Select[Any] | Update | Delete

# No answer may show it, wherever in a failure it stands.
MARKER = "kept_from_callers"


@dataclass(frozen=True, slots=True)
class Fault:
    """What becomes of a statement: other SQL in its place, or an error in our own code."""

    name: str
    status: int
    sql: str | None


BUG = Fault("an unexpected exception", 500, None)
DATABASE_ERROR = Fault("an error of the database", 500, f"SELECT * FROM {MARKER}")  # noqa: S608
LOST_CONNECTION = Fault("a lost connection", 503, "SELECT pg_terminate_backend(pg_backend_pid())")
# What the server says once a statement has used up its time.
SLOW_DATABASE = Fault(
    "a statement that takes too long",
    504,
    f"DO $$ BEGIN RAISE query_canceled USING MESSAGE = '{MARKER}'; END $$",
)


class Statements:
    def __init__(self, engine: Engine) -> None:
        self.texts: list[str] = []
        self.clauses: list[Reaching] = []
        self.written: list[str] = []
        """Those that somebody wrote as SQL."""
        self._fault: Fault | None = None
        self._fault_at = 0
        self.fault_met = False
        event.listen(engine, "before_execute", self._remember)
        event.listen(engine, "before_cursor_execute", self._before, retval=True)

    def start(self) -> None:
        """Count from here."""
        self.texts = []

    def forget(self) -> None:
        self.clauses, self.written = [], []

    @contextmanager
    def failing(self, fault: Fault, at: int) -> Iterator[None]:
        """Let the statement with number `at`, counted from 1, meet the fault."""
        self._fault, self._fault_at, self.fault_met = fault, at, False
        try:
            yield
        finally:
            self._fault = None

    def _remember(self, _connection: Any, clause: ClauseElement, *_: Any, **__: Any) -> None:
        if isinstance(clause, Select | Update | Delete):
            self.clauses.append(clause)

    def _before(
        self,
        _connection: Any,
        _cursor: Any,
        statement: str,
        parameters: Any,
        context: Any,
        _many: bool,
    ) -> tuple[str, Any]:
        self.texts.append(statement)
        if not isinstance(context.invoked_statement, Select | Update | Delete | Insert):
            self.written.append(statement)
        if self._fault is None or len(self.texts) != self._fault_at:
            return statement, parameters
        self.fault_met = True
        if self._fault.sql is None:
            raise RuntimeError(MARKER)
        return self._fault.sql, ()
