"""What a run of the tests has proven, in numbers: counted where it happens, told at the end.

The stages of `make test` are processes of their own, so the numbers meet in a file.
`python -m harness.tally` tells them; `python -m harness.tally --clear` begins anew.
"""

import json
import sys
from collections import defaultdict

from .project import ROOT

FILE = ROOT / ".cache" / "tally.jsonl"


def count(what: str, **numbers: int) -> None:
    """Add to the numbers of one subject: `count("kills", sent=120, accepted=118, lost=0)`."""
    FILE.parent.mkdir(exist_ok=True)
    with FILE.open("a", encoding="utf-8") as file:
        file.write(json.dumps({"what": what, "numbers": numbers}) + "\n")


def totals() -> dict[str, dict[str, int]]:
    """The sums by subject, in the order in which they were first counted."""
    sums: dict[str, dict[str, int]] = defaultdict(lambda: defaultdict(int))
    if FILE.exists():
        for line in FILE.read_text(encoding="utf-8").splitlines():
            entry = json.loads(line)
            for name, number in entry["numbers"].items():
                sums[entry["what"]][name] += number
    return {what: dict(numbers) for what, numbers in sums.items()}


def report() -> str:
    """A line a subject; empty when nothing was counted."""
    found = totals()
    width = max(map(len, found), default=0)
    return "\n".join(
        f"  {what:{width}}  "
        + " · ".join(f"{name.replace('_', ' ')} {number:,}" for name, number in numbers.items())
        for what, numbers in found.items()
    )


if __name__ == "__main__":
    if "--clear" in sys.argv[1:]:
        FILE.unlink(missing_ok=True)
    elif told := report():
        print(f"Counted in this run:\n{told}")
