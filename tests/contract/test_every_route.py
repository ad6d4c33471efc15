"""Section 4: every operation of the document, aimed at everything that another tenant owns."""

import pytest

from conftest import Login, NewKey
from suite.crossing import Attacker, fire, shots
from suite.holdings import Holdings, own_everything, seen_by_owner
from suite.receiver import Receiver
from suite.tenants import Tenants
from suite.upstream import Upstream, found
from suite.users import User, keep_room
from suite.waiting import wait_for
from test_jobs import ended

contract = pytest.mark.contract


def all_that_is_owned(
    user: User, tenants: Tenants, receiver: Receiver, upstream: Upstream
) -> Holdings:
    """… once nothing of it changes by itself any more."""
    upstream.answers(user.seed.main_id, [found()])
    held = own_everything(user, tenants.mains, receiver.mailbox().url)

    ended(user, held.ids["/jobs"])
    wait_for(
        lambda: not user.rows("/webhook-deliveries", status="pending"),
        "the account's deliveries are done",
        within=30,
    )
    return held


@contract("4.isolation-see", "4.isolation-change", "4.isolation-count", "4.isolation-infer")
@contract("2.404-tenant", "2.403-account", "5.key-account", "5.sync-404")
def test_no_operation_reaches_anything_of_another_tenant(
    *,
    a: User,
    b: User,
    log_in: Login,
    tenants: Tenants,
    receiver: Receiver,
    upstream: Upstream,
    new_key: NewKey,
) -> None:
    theirs = all_that_is_owned(a, tenants, receiver, upstream)
    mine = all_that_is_owned(b, tenants, receiver, upstream)
    in_b = tenants.seeds["both_b"]
    attackers = [
        Attacker("owner", b, owner=True),
        Attacker("member of both", log_in(in_b, account=in_b.account_id), of_both=True),
        Attacker("SDK key", b.service.sdk(new_key(b))),
    ]
    before = seen_by_owner(theirs)
    problems = []
    for turn, attacker in enumerate(attackers):
        for shot in shots(theirs, mine, turn=turn):
            for seed in (b.seed, in_b):
                keep_room(b.service, seed)
            if not attacker.may(shot):
                problems += fire(theirs, attacker, shot)[1]
    assert not problems, "\n".join(problems)
    assert seen_by_owner(theirs) == before
    for user in (a, b):
        for endpoint in user.rows("/webhook-endpoints"):
            user.delete(f"/webhook-endpoints/{endpoint['id']}")
