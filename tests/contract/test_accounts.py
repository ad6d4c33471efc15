"""Section 4: the accounts that a user is in, and the role in each."""

import pytest

from conftest import Login, NewKey
from suite.caller import Service
from suite.checks import expect
from suite.tenants import Collection, Tenants
from suite.users import User

contract = pytest.mark.contract


@contract("2.400-accounts", "4.account-id", "4.roles")
def test_a_user_of_several_accounts_picks_one(
    log_in: Login, tenants: Tenants, a: User, b: User, first: Collection
) -> None:
    seed = tenants.seeds["both_a"]
    both = log_in(seed)
    expect(both.get(first.url), 400)
    expect(both.post(first.url, json={}), 400)
    for owner in (a, b):
        row = owner.create(first)
        there = both.with_headers(X_Account_Id=owner.seed.account_id)
        found = expect(there.get(f"{first.url}/{row['id']}"), 200)["data"]
        assert found["accountId"] == owner.seed.account_id
        other = b if owner is a else a
        elsewhere = both.with_headers(X_Account_Id=other.seed.account_id)
        expect(elsewhere.get(f"{first.url}/{row['id']}"), 404)


@contract("4.roles", "4.account-id", "2.403-member")
def test_a_role_is_of_the_membership(log_in: Login, tenants: Tenants) -> None:
    in_a, in_b = tenants.seeds["both_a"], tenants.seeds["both_b"]
    expect(log_in(in_a, account=in_a.account_id).get("/sdk-keys"), 200)
    expect(log_in(in_b, account=in_b.account_id).get("/sdk-keys"), 403)


@contract("4.account-id")
def test_a_user_of_one_account_may_name_it(a: User, first: Collection) -> None:
    for account in (a.seed.account_id, a.seed.account_id.upper()):
        expect(a.with_headers(X_Account_Id=account).get(first.url), 200)


@contract("2.400-two-credentials")
def test_400_two_kinds_of_credentials_at_once(a: User, first: Collection, new_key: NewKey) -> None:
    twice = a.with_headers(X_API_Key=new_key(a))
    expect(twice.post(first.url, json=a.sampler(first).body()), 400)
    expect(twice.get(first.url), 400)


@contract("1.seed-json")
def test_what_make_seed_printed_works(
    tenants: Tenants, fresh: User, service: Service, first: Collection
) -> None:
    seed = fresh.seed
    assert seed.user_email.lower() == seed.email.lower()
    assert seed.sdk_key.startswith("sk_")
    row = fresh.create(first)
    assert (row["accountId"], row["userId"]) == (seed.account_id, seed.user_id)
    score = {"score": 50}
    url = f"/{tenants.mains}/{seed.main_id}/health-score"
    main = expect(fresh.put(url, json=score), 200)["data"]
    assert (main["id"], main["name"]) == (seed.main_id, seed.main_name)
    body = fresh.sampler(first).body()
    expect(service.sdk(seed.sdk_key).post(first.url, json=body), 201)


@contract("1.seed-repeat", "4.roles")
def test_seeding_again_adds_memberships(tenants: Tenants) -> None:
    seeds = tenants.seeds
    assert seeds["a_owner"].account_id == seeds["a_member"].account_id == seeds["both_a"].account_id
    assert seeds["b_owner"].account_id == seeds["both_b"].account_id != seeds["both_a"].account_id
    assert seeds["both_a"].user_id == seeds["both_b"].user_id
    assert len({seeds[role].user_id for role in ("a_owner", "a_member", "b_owner", "both_a")}) == 4
