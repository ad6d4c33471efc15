"""Section 5: all lists page alike, newest first."""

from collections.abc import Callable
from functools import partial
from typing import Any

import pytest

from conftest import Login
from suite.checks import expect, moment
from suite.receiver import Receiver
from suite.tenants import Collection, Tenants
from suite.users import Spares, User
from suite.waiting import together

contract = pytest.mark.contract
MANY = 55
MOST_PAGES = 300


@pytest.fixture(scope="module")
def reader(log_in: Login, spares: Spares) -> User:
    """The owner of an account for this module alone."""
    return log_in(spares.fresh()).prepared()


@pytest.fixture(scope="module")
def rows(reader: User, tenants: Tenants) -> dict[str, list[str]]:
    """At least so many rows in each collection, some created at the same moment: their ids."""
    made: dict[str, list[str]] = {}
    for collection in tenants.collections:
        if len(reader.rows(collection.url)) < MANY:
            create = partial(reader.create, collection, **reader.sampler(collection).references())
            together([create] * (MANY - 5), threads=8)
            for _ in range(5):
                create()
    for collection in tenants.collections:
        made[collection.path] = [row["id"] for row in reader.rows(collection.url)]
    return made


def walk(user: User, url: str, limit: int) -> list[list[dict[str, Any]]]:
    pages = []
    query: dict[str, Any] = {"limit": limit}
    while True:
        page = expect(user.get(url, params=query), 200)
        pages.append(page["data"])
        assert len(pages) <= MOST_PAGES, f"{url} has no last page"
        if page["nextCursor"] is None:
            return pages
        assert page["data"], "an empty page has a next cursor"
        query["cursor"] = page["nextCursor"]


@contract("5.list", "5.cursor")
@pytest.mark.parametrize("limit", [1, 7, 50, 100])
def test_a_walk_meets_every_row_once_newest_first(
    reader: User, rows: dict[str, list[str]], collection: Collection, limit: int
) -> None:
    pages = walk(reader, collection.url, limit)
    assert all(len(page) == limit for page in pages[:-1])
    walked = [row for page in pages for row in page]
    assert len(walked) >= MANY
    assert [row["id"] for row in walked] == rows[collection.path]
    assert len({row["id"] for row in walked}) == len(walked)
    order = [(moment(row["createdAt"]), row["id"]) for row in walked]
    assert order == sorted(order, reverse=True)


@contract("5.limit")
def test_the_limit_is_50_unless_given(
    reader: User, rows: dict[str, list[str]], collection: Collection
) -> None:
    page = expect(reader.get(collection.url), 200)
    assert len(page["data"]) == 50
    assert page["nextCursor"] is not None
    assert len(expect(reader.get(collection.url, params={"limit": 1}), 200)["data"]) == 1
    total = len(rows[collection.path])
    most = expect(reader.get(collection.url, params={"limit": 100}), 200)
    assert len(most["data"]) == min(100, total)


@contract("5.cursor")
def test_a_page_that_ends_with_the_last_row_has_no_next(
    reader: User, rows: dict[str, list[str]], collection: Collection
) -> None:
    total = len(rows[collection.path])
    assert total <= 100
    assert expect(reader.get(collection.url, params={"limit": total}), 200)["nextCursor"] is None
    fewer = expect(reader.get(collection.url, params={"limit": total - 1}), 200)
    assert fewer["nextCursor"] is not None
    query = {"limit": total - 1, "cursor": fewer["nextCursor"]}
    last = expect(reader.get(collection.url, params=query), 200)
    assert (len(last["data"]), last["nextCursor"]) == (1, None)


@contract("5.cursor")
def test_a_cursor_is_opaque_text_that_an_url_can_hold(
    reader: User, rows: dict[str, list[str]], collection: Collection
) -> None:
    cursor = expect(reader.get(collection.url, params={"limit": 1}), 200)["nextCursor"]
    assert cursor
    assert cursor.isascii()
    assert not any(char.isspace() for char in cursor)
    assert not set(cursor) & set("+&?#%"), f"needs quoting in an URL: {cursor}"
    same = expect(reader.get(f"{collection.url}?limit=1&cursor={cursor}"), 200)
    assert same["data"][0]["id"] == rows[collection.path][1]


@contract("5.cursor", "2.400-cursor")
def test_a_changed_cursor_is_refused_or_leads_to_own_rows(
    reader: User, rows: dict[str, list[str]], first: Collection
) -> None:
    cursor = expect(reader.get(first.url, params={"limit": 1}), 200)["nextCursor"]
    for changed in (cursor[:-4], cursor[4:], cursor + "AAAA", cursor[::-1], cursor.swapcase()):
        response = reader.get(first.url, params={"cursor": changed})
        if response.status_code != 400:
            listed = expect(response, 200)["data"]
            assert {row["id"] for row in listed} <= set(rows[first.path])


@contract("5.cursor")
def test_rows_that_come_and_go_do_not_double_or_hide_others(
    owner: User, collection: Collection
) -> None:
    made = [owner.create(collection)["id"] for _ in range(6)][::-1]
    query: dict[str, Any] = {"limit": 2}
    page = expect(owner.get(collection.url, params=query), 200)
    assert [row["id"] for row in page["data"]] == made[:2]
    # The row that the cursor stands on goes, and a newer one comes.
    expect(owner.delete(f"{collection.url}/{made[1]}"), 204)
    owner.create(collection)
    page = expect(owner.get(collection.url, params={**query, "cursor": page["nextCursor"]}), 200)
    assert [row["id"] for row in page["data"]] == made[2:4]


@contract("5.page-alike")
@pytest.mark.parametrize("path", ["/sdk-keys", "/webhook-endpoints", "/webhook-deliveries"])
def test_the_other_lists_page_alike(
    owner: User, tenants: Tenants, receiver: Receiver, path: str
) -> None:
    kind = tenants.collections[0]
    endpoint = {"url": receiver.mailbox().url, "eventTypes": [f"{kind.entity}.created"]}
    makers: dict[str, Callable[[], Any]] = {
        "/sdk-keys": lambda: expect(owner.post(path, json={"name": "paged"}), 201),
        "/webhook-endpoints": lambda: expect(owner.post(path, json=endpoint), 201),
        "/webhook-deliveries": lambda: owner.create(kind),
    }
    made = [expect(owner.post("/webhook-endpoints", json=endpoint), 201)["data"]["id"]]
    for _ in range(4):
        answer = makers[path]()
        made += [answer["data"]["id"]] if path == "/webhook-endpoints" else []
    whole = expect(owner.get(path, params={"limit": 100}), 200)["data"]
    assert len(whole) >= 4
    walked = [row for page in walk(owner, path, 3) for row in page]
    assert [row["id"] for row in walked][: len(whole)] == [row["id"] for row in whole]
    assert len({row["id"] for row in walked}) == len(walked)
    if "createdAt" in whole[0]:
        order = [(moment(row["createdAt"]), row["id"]) for row in walked]
        assert order == sorted(order, reverse=True)
    for one in made:
        expect(owner.delete(f"/webhook-endpoints/{one}"), 204)


@contract("5.page-alike", "5.limit")
def test_main_rows_page_alike(owner: User, tenants: Tenants) -> None:
    for limit in (1, 100):
        page = expect(owner.get(f"/{tenants.mains}", params={"limit": limit}), 200)
        assert owner.seed.main_id in [row["id"] for row in page["data"]]
        assert page["nextCursor"] is None
