"""What every rule answers."""

from collections.abc import Iterable
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Verdict:
    checked: str
    evidence: str
    failures: tuple[str, ...]


def verdict(checked: str, evidence: str, failures: Iterable[str]) -> Verdict:
    """The rule is kept when there are no failures. Each says where, what, and what to do."""
    found = tuple(dict.fromkeys(failures))
    return Verdict(checked, f"{count(len(found), 'failure')}, below" if found else evidence, found)


def count(number: int, noun: str) -> str:
    if number == 1:
        return f"1 {noun}"
    if noun.endswith("x"):
        return f"{number} {noun}es"
    return f"{number} {noun}s"
