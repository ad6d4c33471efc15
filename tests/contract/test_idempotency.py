"""Section 5: the same key and body give the first answer again."""

import json
import uuid
from collections import Counter
from functools import partial

import pytest

from conftest import NewKey
from suite.caller import Caller, Service
from suite.checks import expect
from suite.rawhttp import exchange
from suite.tenants import Collection, Tenants
from suite.users import User
from suite.waiting import together

contract = pytest.mark.contract
REPLAY = "idempotent-replay"


@pytest.fixture
def key() -> dict[str, str]:
    return {"Idempotency-Key": f"key-{uuid.uuid4()}"}


@contract("5.key-replay")
def test_the_first_answer_comes_again(
    owner: User, collection: Collection, key: dict[str, str]
) -> None:
    body = owner.sampler(collection).body()
    before = {row["id"] for row in owner.rows(collection.url)}
    one = owner.post(collection.url, json=body, headers=key)
    expect(one, 201)
    assert REPLAY not in one.headers
    for _ in range(2):
        again = owner.post(collection.url, json=body, headers=key)
        expect(again, 201)
        assert again.headers[REPLAY] == "true"
        assert again.content == one.content
        assert again.headers["content-type"] == one.headers["content-type"]
        assert again.headers["x-request-id"] != one.headers["x-request-id"]
    assert len({row["id"] for row in owner.rows(collection.url)} - before) == 1


@contract("5.key-replay")
def test_the_answer_stays_when_the_row_has_changed(
    owner: User, collection: Collection, key: dict[str, str]
) -> None:
    body = owner.sampler(collection).body()
    one = owner.post(collection.url, json=body, headers=key)
    expect(owner.delete(f"{collection.url}/{expect(one, 201)['data']['id']}"), 204)
    again = owner.post(collection.url, json=body, headers=key)
    expect(again, 201)
    assert (again.content, again.headers[REPLAY]) == (one.content, "true")


@contract("5.key-parsed")
def test_the_body_is_compared_as_parsed(
    owner: User, collection: Collection, key: dict[str, str]
) -> None:
    body = owner.sampler(collection).body()
    one = owner.post(collection.url, json=body, headers=key)
    turned = dict(reversed(body.items()))
    spaced = json.dumps(turned, indent=3, ensure_ascii=True)
    again = owner.request(
        "POST",
        collection.url,
        content=spaced,
        headers={"Content-Type": "application/json; charset=utf-8", **key},
    )
    expect(again, 201)
    assert (again.content, again.headers[REPLAY]) == (one.content, "true")


@contract("2.409-key")
def test_409_the_key_with_another_body(
    owner: User, collection: Collection, key: dict[str, str]
) -> None:
    sampler = owner.sampler(collection)
    body = sampler.body()
    name = sampler.changeable()
    one = owner.post(collection.url, json=body, headers=key)
    expect(one, 201)
    other = {**body, name: sampler.value(name, other=True)}
    refused = owner.post(collection.url, json=other, headers=key)
    expect(refused, 409)
    assert REPLAY not in refused.headers
    assert owner.post(collection.url, json=body, headers=key).content == one.content


@contract("5.key-2xx")
def test_a_failure_is_not_kept(owner: User, collection: Collection, key: dict[str, str]) -> None:
    expect(owner.post(collection.url, json={"unknownField": 1}, headers=key), 400)
    row = owner.post(collection.url, json=owner.sampler(collection).body(), headers=key)
    expect(row, 201)
    assert REPLAY not in row.headers


@contract("5.key-waits", "5.key-replay")
def test_of_concurrent_requests_one_runs_and_the_others_wait(
    owner: User, collection: Collection
) -> None:
    for _ in range(3):
        key = {"Idempotency-Key": str(uuid.uuid4())}
        body = owner.sampler(collection).body()
        answers = together([partial(owner.post, collection.url, json=body, headers=key)] * 16)
        ids = {expect(answer, 201)["data"]["id"] for answer in answers}
        assert len(ids) == 1
        assert len({answer.content for answer in answers}) == 1
        replays = Counter(answer.headers.get(REPLAY) for answer in answers)
        assert replays == {None: 1, "true": 15}
        listed = expect(owner.get(collection.url, params={"limit": 3}), 200)["data"]
        assert len(ids & {row["id"] for row in listed}) == 1


@contract("5.key-waits", "2.409-key")
def test_of_concurrent_requests_with_other_bodies_one_wins(
    owner: User, collection: Collection
) -> None:
    key = {"Idempotency-Key": str(uuid.uuid4())}
    sampler = owner.sampler(collection)
    name = sampler.changeable()
    first, other = sampler.body(), sampler.body()
    other[name] = sampler.value(name, other=True)
    bodies = [first, other] * 4
    answers = together(
        [partial(owner.post, collection.url, json=body, headers=key) for body in bodies]
    )
    assert Counter(answer.status_code for answer in answers) == {201: 4, 409: 4}


@contract("5.key-account")
def test_a_key_belongs_to_the_account_whoever_sends_it(
    *,
    a: User,
    a_member: User,
    collection: Collection,
    key: dict[str, str],
    new_key: NewKey,
    service: Service,
) -> None:
    body = a.sampler(collection).body()
    one = a.post(collection.url, json=body, headers=key)
    expect(one, 201)
    for caller in (a_member, service.sdk(new_key(a))):
        again = caller.post(collection.url, json=body, headers=key)
        expect(again, 201)
        assert (again.content, again.headers[REPLAY]) == (one.content, "true")


@contract("5.key-route")
@pytest.mark.applies(collections=2)
def test_a_key_belongs_to_the_route(owner: User, tenants: Tenants, key: dict[str, str]) -> None:
    ids = set()
    for collection in tenants.collections:
        answer = owner.post(collection.url, json=owner.sampler(collection).body(), headers=key)
        ids.add(expect(answer, 201)["data"]["id"])
        assert REPLAY not in answer.headers
    assert len(ids) == len(tenants.collections)


@contract("5.key-charset")
@pytest.mark.parametrize(
    "shape", ["!", "~", "k" * 255, "!#$%&'()*+,-./:;<=>?@[]^_`{|}~", '"quoted"']
)
def test_keys_of_1_to_255_visible_ascii_are_taken(
    owner: User, first: Collection, shape: str
) -> None:
    body = owner.sampler(first).body()
    mark = uuid.uuid4().hex
    taken = shape if len(shape) == 1 else (mark + shape)[:255]
    answer = owner.post(first.url, json=body, headers={"Idempotency-Key": taken})
    # A key of one character may have been used before, with another body.
    assert answer.status_code == 201 or (len(shape) == 1 and answer.status_code == 409)


@contract("5.key-charset", "2.400-schema")
@pytest.mark.parametrize("wrong", ["", "k" * 256, "two words", "tab\there", "ünïcode", "k" * 5000])
def test_400_other_keys(owner: User, first: Collection, wrong: str) -> None:
    body = json.dumps(owner.sampler(first).body()).encode()
    headers = [("Content-Type", "application/json"), ("Content-Length", str(len(body)))]
    sent = ("Idempotency-Key", wrong.encode().decode("latin-1"))
    response = exchange(owner, "POST", first.url, [*headers, sent], body=body)
    assert response.status == 400


@contract("5.key-waits", "5.key-replay")
@pytest.mark.applies(strict=True)
def test_a_key_is_one_for_every_process(
    owner: User, strict: Service, collection: Collection, key: dict[str, str]
) -> None:
    elsewhere = Caller(strict, owner.ip, owner.headers)
    body = owner.sampler(collection).body()
    callers: list[Caller] = [owner, elsewhere] * 6
    answers = together(
        [partial(one.post, collection.url, json=body, headers=key) for one in callers]
    )
    assert len({expect(answer, 201)["data"]["id"] for answer in answers}) == 1
    replays = Counter(answer.headers.get(REPLAY) for answer in answers)
    assert replays == {None: 1, "true": 11}
