"""Section 2: what a JSON body may not hold, at any depth."""

import json

import pytest

from suite.checks import expect
from suite.tenants import Collection
from suite.users import User

contract = pytest.mark.contract
feedback = pytest.mark.applies(entity="feedback")
URL = "/feedback"


def body(metadata: str, content: str = '"text"') -> str:
    return f'{{"content": {content}, "sentiment": "neutral", "metadata": {metadata}}}'


def nested(levels: int, opening: str = '{"a":', closing: str = "}", core: str = "1") -> str:
    return opening * levels + core + closing * levels


@contract("2.400-nul")
@feedback
@pytest.mark.parametrize(
    "sent",
    [
        body("null", content='"a\\u0000b"'),
        body('{"a": "\\u0000"}'),
        body('{"a\\u0000": 1}'),
        body('{"a": [[{"b": ["\\u0000"]}]]}'),
        body("null", content='"a\x00b"'),
    ],
)
def test_400_nul_in_a_value_or_a_name(owner: User, sent: str) -> None:
    expect(owner.send("POST", URL, sent), 400)


@contract("2.400-surrogate")
@feedback
@pytest.mark.parametrize(
    "sent",
    [
        body("null", content='"\\ud800"'),
        body("null", content='"\\udc00"'),
        body("null", content='"\\udc00\\ud800"'),
        body("null", content='"\\ud83dx\\ude00"'),
        body('{"a": "\\ud800"}'),
        body('{"\\udfff": 1}'),
        body('{"a": [[{"b": ["x\\ud800"]}]]}'),
    ],
)
def test_400_lone_surrogate_in_a_value_or_a_name(owner: User, sent: str) -> None:
    expect(owner.send("POST", URL, sent), 400)


@contract("2.400-surrogate", "0.utf-8")
@feedback
def test_a_surrogate_pair_is_one_character(owner: User) -> None:
    row = expect(owner.send("POST", URL, body("null", content='"\\ud83c\\udf89"')), 201)["data"]
    assert row["content"] == "🎉"


@contract("2.400-depth")
@feedback
def test_400_nested_deeper_than_64(owner: User) -> None:
    # The body is the first level.
    deepest = body(nested(63))
    row = expect(owner.send("POST", URL, deepest), 201)["data"]
    assert row["metadata"] == json.loads(nested(63))
    expect(owner.send("POST", URL, body(nested(64))), 400)
    expect(owner.send("POST", URL, body('{"a":' + nested(63, "[", "]") + "}")), 400)
    expect(owner.send("PATCH", f"{URL}/{row['id']}", f'{{"metadata": {nested(64)}}}'), 400)


@contract("2.400-depth")
@pytest.mark.parametrize(
    ("opening", "closing"), [('{"a":', "}"), ("[", "]"), ("[", ""), ('{"a":[', "]}")]
)
def test_400_nested_absurdly_deep(
    owner: User, first: Collection, opening: str, closing: str
) -> None:
    expect(owner.send("POST", first.url, nested(100_000, opening, closing)), 400)


@contract("2.400-number")
@feedback
@pytest.mark.parametrize(
    "number", ["1e400", "-1e400", "1" + "0" * 400, "-1" + "0" * 309, "1E999999999", "9" * 5000]
)
def test_400_number_that_no_double_holds(owner: User, number: str) -> None:
    expect(owner.send("POST", URL, body(f'{{"a": {number}}}')), 400)
    expect(owner.send("POST", URL, body(f'{{"a": [{{"b": {number}}}]}}')), 400)
    expect(owner.send("POST", URL, body("null", content=number)), 400)


@contract("2.400-number", "5.feedback-metadata")
@feedback
def test_numbers_that_a_double_holds_come_back(owner: User) -> None:
    metadata = {"whole": 9007199254740991, "part": 0.1, "big": 1.7e308, "less": -5, "none": 0}
    row = expect(
        owner.post(URL, json={"content": "x", "sentiment": "neutral", "metadata": metadata}), 201
    )["data"]
    assert row["metadata"] == metadata


@contract("2.400-nul", "2.400-surrogate", "2.400-depth")
@feedback
def test_a_patch_is_judged_like_a_create(owner: User) -> None:
    row = expect(owner.post(URL, json={"content": "x", "sentiment": "neutral"}), 201)["data"]
    for content in ('"\\u0000"', '"\\ud800"', "1e400"):
        expect(owner.send("PATCH", f"{URL}/{row['id']}", f'{{"content": {content}}}'), 400)
    assert expect(owner.get(f"{URL}/{row['id']}"), 200)["data"] == row
