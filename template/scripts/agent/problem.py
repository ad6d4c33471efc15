from typing import NamedTuple


class Problem(NamedTuple):
    """Sorts by place; reads as `file:line: what is wrong → what to do`."""

    path: str
    line: int
    wrong: str
    remedy: str

    def __str__(self) -> str:
        return f"{self.path}:{self.line}: {self.wrong} → {self.remedy}"
