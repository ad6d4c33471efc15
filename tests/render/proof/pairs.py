"""A covering set: few rows that hold every pair of values of any two dimensions."""

from collections.abc import Callable, Mapping, Sequence
from itertools import combinations

Row = dict[str, str]
Pair = frozenset[tuple[str, str]]


def pairs_of(row: Mapping[str, str]) -> set[Pair]:
    """Return the pairs that a row holds."""
    return {frozenset(pair) for pair in combinations(row.items(), 2)}


def all_pairs(dimensions: Mapping[str, Sequence[str]]) -> set[Pair]:
    """Return the pairs of a space."""
    return {
        frozenset({(one, a), (other, b)})
        for one, other in combinations(dimensions, 2)
        for a in dimensions[one]
        for b in dimensions[other]
    }


def covering(
    dimensions: Mapping[str, Sequence[str]], legal: Callable[[Row], bool] = lambda row: True
) -> list[Row]:
    """Build rows greedily, each from a pair that is still missing; always the same ones.

    `legal` judges rows, also those that are not full yet; a pair that is not legal is left out.
    """
    missing = {pair for pair in all_pairs(dimensions) if legal(dict(pair))}
    # The widest dimensions have the most to share out, so they choose first.
    order = sorted(dimensions, key=lambda name: -len(dimensions[name]))
    rows = []
    while missing:
        row: Row = dict(sorted(min(missing, key=sorted)))
        for name in order:
            if name not in row:
                row[name] = max(
                    (value for value in dimensions[name] if legal({**row, name: value})),
                    key=lambda value: sum(
                        frozenset({(name, value), item}) in missing for item in row.items()
                    ),
                )
        missing -= pairs_of(row)
        rows.append({name: row[name] for name in dimensions})
    return rows
