"""Half of R2: how written SQL reaches its rows, that of routes and of the database's functions."""

import re
from collections.abc import Iterator
from typing import Any

from sqlalchemy.exc import DBAPIError

from .catalogue import Catalogue

FUNCTIONS = """
    SELECT p.proname::text AS name, p.prosrc AS body,
        coalesce(p.proargnames, '{}') AS parameters,
        ARRAY(SELECT t::regtype::text FROM unnest(p.proargtypes::oid[]) AS t) AS types
    FROM pg_proc AS p
    JOIN pg_language AS l ON l.oid = p.prolang AND l.lanname = 'sql'
    JOIN pg_namespace AS n ON n.oid = p.pronamespace
    WHERE n.nspname NOT IN ('pg_catalog', 'information_schema')
        -- One statement can be explained, a sequence of them cannot.
        AND strpos(rtrim(p.prosrc, E'; \\n\\t'), ';') = 0
    ORDER BY 1
"""
# Without these the planner shows what it would do on tables of any size.
SHORT_CUTS = ("enable_seqscan", "enable_bitmapscan", "enable_sort")
SCANS = {"Seq Scan", "Index Scan", "Index Only Scan", "Bitmap Heap Scan"}

CONDITIONS = ("Filter", "Index Cond", "Recheck Cond")
GROUPING = {"Aggregate", "Group", "Unique", "WindowAgg", "SetOp", "Merge Join"}
WORD = re.compile(r"\w+")
PLACEHOLDER = re.compile(r"\$(\d+)")
QUOTED = re.compile(r"'[^']*'")

Plan = dict[str, Any]
Reached = tuple[str, frozenset[str], tuple[str, ...]]


async def reached(catalogue: Catalogue, statement: str) -> list[Reached]:
    """The tables whose rows a statement looks for, with the columns that it filters and sorts by.

    The planner reads the SQL for us; which index it takes on so few rows means nothing.
    """
    values = ["NULL"] * max(map(int, PLACEHOLDER.findall(statement)), default=0)
    given = f"({', '.join(values)})" if values else ""
    try:
        await catalogue.driver_rows(f"PREPARE reached AS {statement}")
    except DBAPIError:
        # SET, LOCK and the like have no plan.
        return []
    # Or else the planner would see that nothing equals NULL.
    await catalogue.rows("SET plan_cache_mode = force_generic_plan")
    explain = f"EXPLAIN (FORMAT JSON) EXECUTE reached{given}"
    (((document,),),) = await catalogue.driver_rows(explain)
    await catalogue.rows("DEALLOCATE reached")
    return list(_reached({"Node Type": "Result", "Plans": [document["Plan"]]}, catalogue, ()))


def _reached(plan: Plan, catalogue: Catalogue, order: tuple[str, ...]) -> Iterator[Reached]:
    kind, inner = plan["Node Type"], plan.get("Plans", ())
    if kind in SCANS and "Relation Name" in plan:
        # Ordinary indexes serve no search within an array or a document.
        known = {
            column.name
            for column in catalogue.columns_of(plan["Relation Name"])
            if not column.type.endswith(("[]", "json", "jsonb"))
        }
        text = " ".join(condition for name in CONDITIONS if (condition := plan.get(name)))
        filtered = known.intersection(WORD.findall(QUOTED.sub("", text)))
        ordered = tuple(name for key in order for name in WORD.findall(key) if name in known)
        if filtered or ordered:
            yield plan["Relation Name"], frozenset(filtered - set(ordered)), ordered
    for below in inner:
        # Sorting that only serves to group or to join was not asked for.
        asked = below["Node Type"] == "Sort" and kind not in GROUPING
        yield from _reached(below, catalogue, tuple(below["Sort Key"]) if asked else order)


async def unsupported(catalogue: Catalogue) -> tuple[int, list[str]]:
    """How many functions were looked at, and what none of their indexes supports."""
    for name in SHORT_CUTS:
        await catalogue.rows(f"SET {name} = off")
    functions = await catalogue.rows(FUNCTIONS)
    failures: list[str] = []
    for function in functions:
        explain = f"EXPLAIN (FORMAT JSON) {_with_values(function)}"
        (((document,),),) = await catalogue.driver_rows(explain)
        failures += [
            f"{function.name}(): {complaint}: add an index for it"
            for complaint in _complaints(document["Plan"])
        ]
    for name in SHORT_CUTS:
        await catalogue.rows(f"RESET {name}")
    return len(functions), failures


def _with_values(function: Any) -> str:
    """Its body with something in place of each parameter that the planner cannot see through."""
    body: str = function.body
    for name, kind in zip(function.parameters, function.types, strict=False):
        body = re.sub(rf"\b{name}\b", f"current_setting('rules.none', true)::{kind}", body)
    return body


def _complaints(plan: Plan) -> Iterator[str]:
    kind, inner = plan["Node Type"], plan.get("Plans", [])
    if kind in SCANS and "Filter" in plan and not _has_condition(plan):
        yield f"finds {plan['Relation Name']} by {plan['Filter']} without an index"
    if kind == "Sort" and inner[0]["Node Type"] in SCANS:
        keys = ", ".join(plan["Sort Key"])
        yield f"sorts {inner[0]['Relation Name']} by {keys} without an index"
    for below in inner:
        yield from _complaints(below)


def _has_condition(scan: Plan) -> bool:
    return "Index Cond" in scan or any(map(_has_condition, scan.get("Plans", ())))
