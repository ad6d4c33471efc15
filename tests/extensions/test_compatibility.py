from typing import Any

import pytest

from .conftest import Value, load_extension

compatibility = load_extension("compatibility")

KNOWN = {
    "language": ["python", "typescript"],
    "backend_framework": ["fastapi", "express"],
    "database_system": ["postgresql", "redis"],
    "orm_tool": ["sqlalchemy", "drizzle", "none"],
}
RULES = {
    "database_system": {
        "redis": [{"needs": {"orm_tool": ["none"]}, "because": "Redis has no ORM."}],
    },
    "orm_tool": {
        "sqlalchemy": [{"needs": {"language": ["python"]}, "because": "It is Python's."}],
        "none": [{"excludes": {"database_system": ["postgresql"]}, "because": "SQL wants one."}],
    },
}


@pytest.fixture
def rules() -> Any:
    order = [name for name in KNOWN if name != "language"]
    return compatibility.Compatibility(compatibility.read_rules(RULES, KNOWN), order)


@pytest.mark.parametrize(
    ("language", "database", "choice", "reason"),
    [
        ("python", "postgresql", "sqlalchemy", ""),
        ("typescript", "postgresql", "sqlalchemy", "It is Python's."),
        ("typescript", "postgresql", "drizzle", ""),
        ("typescript", "redis", "drizzle", "Redis has no ORM."),
        ("python", "redis", "none", ""),
        ("python", "postgresql", "none", "SQL wants one."),
    ],
)
def test_a_rule_holds_from_both_of_its_sides(
    rules: Any, language: str, database: str, choice: str, reason: str
) -> None:
    answers = {"language": language, "database_system": database}
    assert rules.refusal(answers, "orm_tool", choice) == reason


def test_later_answers_do_not_count(rules: Any) -> None:
    assert rules.refusal({"orm_tool": "drizzle"}, "database_system", "redis") == ""


@pytest.mark.parametrize(
    ("data", "message"),
    [
        ([], "it maps questions"),
        ({"orm": {}}, "orm is not a question"),
        ({"language": {"python": []}}, "language is not a question"),
        ({"orm_tool": []}, "orm_tool is not a question with choices"),
        ({"orm_tool": {"prism": []}}, "prism is not a choice of orm_tool"),
        ({"orm_tool": {"none": {}}}, "orm_tool.none is a list of rules"),
        ({"orm_tool": {"none": ["x"]}}, "a rule is a mapping"),
        ({"orm_tool": {"none": [{"needs": {"language": ["python"]}}]}}, "ends with its reason"),
        ({"orm_tool": {"none": [{"because": "So."}]}}, "either needs or excludes"),
        (
            {"orm_tool": {"none": [{"needs": {}, "excludes": {}, "because": "So."}]}},
            "either needs or excludes",
        ),
        ({"orm_tool": {"none": [{"needs": {}, "because": "So."}]}}, "names one other question"),
        (
            {"orm_tool": {"none": [{"needs": {"orm_tool": ["none"]}, "because": "So."}]}},
            "orm_tool is not another question",
        ),
        (
            {"orm_tool": {"none": [{"needs": {"language": ["ruby"]}, "because": "So."}]}},
            "are not choices of language",
        ),
        (
            {"orm_tool": {"none": [{"needs": {"language": ["python"]}, "because": "So"}]}},
            "ends with its reason",
        ),
    ],
)
def test_wrong_rules_are_refused_when_they_are_read(data: Any, message: str) -> None:
    with pytest.raises(compatibility.RulesError, match=message):
        compatibility.read_rules(data, KNOWN)


def test_the_preferred_choice_is_the_first_that_goes_with_the_rest(value: Value) -> None:
    assert value("preferred('orm_tool')") == "sqlalchemy"
    assert value("refusal('orm_tool', 'sqlalchemy')") == ""
