"""Section 5: the rows of each collection, from creation to deletion."""

import json
from functools import partial
from typing import Any

import pytest

from suite.checks import expect, expect_invalid, is_uuid, moment
from suite.tenants import Collection
from suite.users import User
from suite.waiting import together

contract = pytest.mark.contract
feedback = pytest.mark.applies(entity="feedback")
LEAST = {"content": "text", "sentiment": "neutral"}


@contract("5.create", "5.row-fields")
def test_create_answers_the_row_as_it_was_sent(owner: User, collection: Collection) -> None:
    sampler = owner.sampler(collection)
    body = sampler.body()
    row = expect(owner.post(collection.url, json=body), 201)["data"]
    for name, sent in body.items():
        assert sampler.same(name, sent, row[name]), (name, sent, row[name])
    own = {"id", "accountId", "userId", "createdAt", "updatedAt"}
    assert set(row) == own | set(sampler.fields)
    assert is_uuid(row["id"])
    assert moment(row["createdAt"]) <= moment(row["updatedAt"])


@contract("5.create", "5.feedback-metadata")
def test_optional_fields_are_null_when_absent(owner: User, collection: Collection) -> None:
    sampler = owner.sampler(collection)
    row = expect(owner.post(collection.url, json=sampler.least()), 201)["data"]
    for name in sampler.optional:
        assert row[name] is None, name
        body = sampler.least(**{name: None})
        assert expect(owner.post(collection.url, json=body), 201)["data"][name] is None


@contract("5.get")
def test_get_answers_the_row(owner: User, collection: Collection) -> None:
    row = owner.create(collection)
    assert expect(owner.get(f"{collection.url}/{row['id']}"), 200)["data"] == row
    assert expect(owner.get(f"{collection.url}/{row['id'].upper()}"), 200)["data"] == row


@contract("5.list")
def test_the_list_holds_the_row_as_get_does(owner: User, collection: Collection) -> None:
    row = owner.create(collection)
    assert expect(owner.get(collection.url, params={"limit": 1}), 200)["data"] == [row]


@contract("5.patch", "0.times")
def test_patch_changes_what_it_names_and_nothing_else(owner: User, collection: Collection) -> None:
    sampler = owner.sampler(collection)
    for name, spec in sampler.fields.items():
        row = owner.create(collection)
        url = f"{collection.url}/{row['id']}"
        sent = sampler.value(name, other=True)
        changed = expect(owner.patch(url, json={name: sent}), 200)["data"]
        assert sampler.same(name, sent, changed[name]), (name, sent, changed[name], spec)
        same = {key: value for key, value in row.items() if key not in (name, "updatedAt")}
        assert same.items() <= changed.items()
        assert moment(changed["updatedAt"]) >= moment(row["updatedAt"])
        if changed[name] != row[name]:
            assert changed["updatedAt"] != row["updatedAt"]
        assert expect(owner.get(url), 200)["data"] == changed


@contract("5.patch-null")
def test_patch_with_null_clears_an_optional_field(owner: User, collection: Collection) -> None:
    sampler = owner.sampler(collection)
    for name in sampler.optional:
        row = owner.create(collection)
        assert row[name] is not None
        url = f"{collection.url}/{row['id']}"
        assert expect(owner.patch(url, json={name: None}), 200)["data"][name] is None
        assert expect(owner.get(url), 200)["data"][name] is None


@contract("5.patch", "2.400-schema")
def test_patch_with_null_is_refused_for_a_required_field(
    owner: User, collection: Collection
) -> None:
    row = owner.create(collection)
    url = f"{collection.url}/{row['id']}"
    for name in owner.sampler(collection).required:
        expect_invalid(owner.patch(url, json={name: None}), name)
    assert expect(owner.get(url), 200)["data"] == row


@contract("5.patch")
def test_concurrent_patches_of_different_fields_are_all_kept(
    owner: User, collection: Collection
) -> None:
    sampler = owner.sampler(collection)
    row = owner.create(collection)
    url = f"{collection.url}/{row['id']}"
    sent = {name: sampler.value(name, other=True) for name in sampler.fields}
    answers = together(
        [partial(owner.patch, url, json={name: value}) for name, value in sent.items()]
    )
    assert {answer.status_code for answer in answers} == {200}
    kept = expect(owner.get(url), 200)["data"]
    for name, value in sent.items():
        assert sampler.same(name, value, kept[name]), name


@contract("5.delete", "2.404-row")
def test_delete_leaves_nothing(owner: User, collection: Collection) -> None:
    row = owner.create(collection)
    url = f"{collection.url}/{row['id']}"
    expect(owner.delete(url), 204)
    expect(owner.get(url), 404)
    expect(owner.delete(url), 404)
    name = owner.sampler(collection).changeable()
    expect(owner.patch(url, json={name: owner.sampler(collection).value(name)}), 404)
    listed = expect(owner.get(collection.url, params={"limit": 100}), 200)["data"]
    assert row["id"] not in [one["id"] for one in listed]


@contract("5.delete")
def test_of_concurrent_deletes_one_finds_the_row(owner: User, collection: Collection) -> None:
    url = f"{collection.url}/{owner.create(collection)['id']}"
    statuses = together([lambda: owner.delete(url).status_code] * 6)
    assert sorted(statuses) == [204] + [404] * 5


@contract("5.feedback-content")
@feedback
@pytest.mark.parametrize(
    "content",
    [
        "x",
        "x" * 1000,
        "🎉" * 1000,
        "é" * 1000,
        "  not trimmed  ",
        " ",
        "\n\t",
        "é" * 500,
        "👩\u200d👩\u200d👧\u200d👦" * 142,
        "\xa0",
        "0",
        "null",
    ],
)
def test_content_is_1_to_1000_code_points_and_not_trimmed(owner: User, content: str) -> None:
    row = expect(owner.post("/feedback", json={**LEAST, "content": content}), 201)["data"]
    assert row["content"] == content
    assert expect(owner.get(f"/feedback/{row['id']}"), 200)["data"]["content"] == content
    patched = owner.patch(f"/feedback/{row['id']}", json={"content": content})
    assert expect(patched, 200)["data"]["content"] == content


@contract("5.feedback-content", "2.400-schema")
@feedback
@pytest.mark.parametrize(
    "content", ["", "x" * 1001, "🎉" * 1001, " " * 1001, None, 1, True, [], {}]
)
def test_other_content_is_refused(owner: User, content: Any) -> None:
    expect_invalid(owner.post("/feedback", json={**LEAST, "content": content}), "content")
    row = expect(owner.post("/feedback", json=LEAST), 201)["data"]
    expect_invalid(owner.patch(f"/feedback/{row['id']}", json={"content": content}), "content")


@contract("5.feedback-sentiment")
@feedback
def test_sentiment_is_one_of_three(owner: User) -> None:
    for sentiment in ("positive", "neutral", "negative"):
        row = expect(owner.post("/feedback", json={**LEAST, "sentiment": sentiment}), 201)["data"]
        assert row["sentiment"] == sentiment
    for wrong in ("Positive", "positive ", "", "happy", None, 1, ["positive"]):
        expect_invalid(owner.post("/feedback", json={**LEAST, "sentiment": wrong}), "sentiment")


@contract("5.feedback-metadata")
@feedback
@pytest.mark.parametrize(
    "metadata",
    [
        {},
        {"a": None},
        {"a": {"b": [1, "2", None, True, {"c": []}]}},
        {"": ""},
        {"🎉": "ü", "$ref": "#"},
        {"id": 1, "__proto__": {"x": 1}, "accountId": "x"},
        {"n": [0.1, -0.5, 1e-07, 123456789012]},
    ],
)
def test_metadata_is_any_json_object(owner: User, metadata: dict[str, Any]) -> None:
    sent = json.dumps({**LEAST, "metadata": metadata})
    row = expect(owner.send("POST", "/feedback", sent), 201)["data"]
    assert row["metadata"] == metadata
    assert expect(owner.get(f"/feedback/{row['id']}"), 200)["data"]["metadata"] == metadata


@contract("5.feedback-metadata", "2.400-schema")
@feedback
@pytest.mark.parametrize("metadata", [[], [{}], "text", "{}", 1, True, False, 0])
def test_metadata_is_nothing_but_an_object(owner: User, metadata: Any) -> None:
    expect_invalid(owner.post("/feedback", json={**LEAST, "metadata": metadata}), "metadata")


@contract("5.feedback-metadata", "5.patch-null")
@feedback
def test_metadata_is_replaced_whole_and_cleared_by_null(owner: User) -> None:
    row = expect(owner.post("/feedback", json={**LEAST, "metadata": {"a": 1, "b": 2}}), 201)["data"]
    url = f"/feedback/{row['id']}"
    patched = owner.patch(url, json={"metadata": {"c": 3}})
    assert expect(patched, 200)["data"]["metadata"] == {"c": 3}
    assert expect(owner.patch(url, json={"metadata": None}), 200)["data"]["metadata"] is None
