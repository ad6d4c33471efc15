"""What the clients were told against what is there: nothing lost, nothing doubled."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from functools import partial

from suite.checks import expect, moment
from suite.endpoints import Endpoint, types_of
from suite.tenants import Collection
from suite.upstream import Upstream
from suite.users import User
from suite.waiting import wait_for

from .database import ask
from .load import Account, Load
from .people import ENDED, job

# Far over any lease: it only ends a wait that would never end.
SETTLE_SECONDS = 180


@dataclass
class Balance:
    lost: int = 0
    doubled: int = 0
    # Legal, as both are at least once: the receiver knows the id, and the effect is the same.
    resent: int = 0
    rerun: int = 0
    wrong: list[str] = field(default_factory=list)

    def same(self, wanted: Counter[str], found: Counter[str], what: str) -> None:
        """The same things, each as often."""
        for name, off in (("lost", wanted - found), ("doubled", found - wanted)):
            if off:
                self.wrong.append(f"{name} {what}: {off.total()}, such as {off.most_common(3)}")
        self.lost += (wanted - found).total()
        self.doubled += (found - wanted).total()

    def never(self, off: Iterable[object], what: str) -> None:
        self.wrong += [f"{what}: {one}" for one in off]


class Books:
    """Opened before a load, balanced after it: earlier loads in the same accounts do not count."""

    def __init__(
        self,
        load: Load,
        endpoints: Sequence[Sequence[Endpoint]],
        upstream: Upstream,
        owner_url: str,
    ) -> None:
        self._load = load
        self._endpoints = endpoints
        self._upstream = upstream
        self._owner_url = owner_url
        self._rows_before = self._held(load.collection.path, "content")
        self._jobs_before = self._held("jobs", "status")

    def balance(self) -> Balance:
        self._settle()
        balance = Balance()
        for account, endpoints in zip(self._load.accounts, self._endpoints, strict=True):
            self._rows(balance, account)
            for endpoint in endpoints:
                _events(balance, account, endpoint, self._load.collection)
            _effects(balance, account)
        self._in_sql(balance)
        return balance

    def _settle(self) -> None:
        """Wait until all that was accepted has come to its end."""
        for account in self._load.accounts:
            for job_id in account.jobs:
                ended = partial(_ended, account.users[0], job_id)
                wait_for(ended, f"the end of job {job_id}", SETTLE_SECONDS)
        for endpoint in (one for endpoints in self._endpoints for one in endpoints):
            wait_for(partial(_quiet, endpoint), "no delivery is pending", SETTLE_SECONDS)

    def _rows(self, balance: Balance, account: Account) -> None:
        """All pages of the list, as the tenant sees them."""
        listed = {
            row["id"]: row
            for row in account.users[1].rows(self._load.collection.url)
            if row["id"] not in self._rows_before
        }
        wanted = Counter(account.rows.values())
        balance.same(wanted, Counter(listed.keys()), "rows in the list")
        balance.never(
            (
                row_id
                for row_id, change in account.changes.items()
                if row_id in listed and listed[row_id]["metadata"] != {"turn": change.turn}
            ),
            "not the last change that was accepted",
        )

    def _in_sql(self, balance: Balance) -> None:
        rows = self._held(self._load.collection.path, "content")
        found = Counter(rows[row_id] for row_id in rows.keys() - self._rows_before.keys())
        wanted = Counter(key for account in self._load.accounts for key in account.rows)
        balance.same(wanted, found, "rows in SQL")
        jobs = self._held("jobs", "status")
        new = jobs.keys() - self._jobs_before.keys()
        accepted = {job_id for account in self._load.accounts for job_id in account.jobs}
        # A sync whose answer was lost may have left a job that no client knows of.
        unheard = Counter(new - accepted)
        broken = sum(a.syncs_sent - a.syncs_answered for a in self._load.accounts)
        if unheard.total() > broken:
            balance.same(Counter(), unheard, "jobs that nobody asked for")
        balance.same(Counter(accepted), Counter(new & accepted), "jobs in SQL")
        balance.never((one for one in new if jobs[one] != "completed"), "a job did not complete")
        calls = Counter(main for a in self._load.accounts for main in a.mains)
        made = sum(len(self._upstream.calls(main)) for main in calls)
        balance.rerun = made - len(new)
        balance.never([balance.rerun] if balance.rerun < 0 else [], "jobs that made no call")

    def _held(self, path: str, column: str) -> dict[str, str]:
        """The column of all rows of the accounts, by id."""
        accounts = ", ".join(f"'{one.users[0].seed.account_id}'" for one in self._load.accounts)
        table = path.replace("-", "_")
        statement = f"SELECT id, {column} FROM {table} WHERE account_id IN ({accounts})"
        return dict(line.split("|", 1) for line in ask(self._owner_url, statement) if "|" in line)


def _ended(user: User, job_id: str) -> bool:
    return job(user, job_id)["status"] in ENDED


def _quiet(endpoint: Endpoint) -> bool:
    page = endpoint.user.get("/webhook-deliveries", params={"status": "pending", "limit": 1})
    return not expect(page, 200)["data"]


def _events(balance: Balance, account: Account, endpoint: Endpoint, collection: Collection) -> None:
    """One event a row that was made, under one id, and it arrived; one a change that was made."""
    created, updated = types_of(collection, "created", "updated")
    arrived: dict[tuple[str, str], set[str]] = defaultdict(set)
    calls = endpoint.mailbox.calls
    for call, event in zip(calls, endpoint.mailbox.events, strict=True):
        arrived[event["type"], event["data"]["id"]].add(call.headers["webhook-id"])
    once = Counter(account.rows.values())
    found = Counter({row_id: len(arrived[created, row_id]) for row_id in once})
    found.update(row_id for type_, row_id in arrived if type_ == created and row_id not in once)
    balance.same(once, +found, "events of new rows that arrived")
    deliveries = endpoint.deliveries()
    written = Counter(row["webhookId"] for row in deliveries)
    balance.same(Counter(set(written)), written, "deliveries")
    balance.same(
        Counter({created: len(once)}),
        Counter(row["eventType"] for row in deliveries if row["eventType"] == created),
        "deliveries of new rows",
    )
    balance.never((r for r in deliveries if r["status"] != "delivered"), "a delivery did not end")
    ids = {call.headers["webhook-id"] for call in calls}
    balance.same(Counter(written.keys()), Counter(ids), "events of the outbox that arrived")
    balance.resent += len(calls) - len(ids)
    for row_id, change in account.changes.items():
        events = len(arrived[updated, row_id])
        if updated in endpoint.row["eventTypes"] and not change.accepted <= events <= change.sent:
            balance.never([f"{change}, {events} events"], "changes and their events")


def _effects(balance: Balance, account: Account) -> None:
    """Each synced row has the upstream's value, written after its last job was asked for."""
    user = account.users[0]
    rows = {row["id"]: row for row in user.rows(account.mains_url)}
    jobs = {job_id: job(user, job_id) for job_id in account.jobs}
    for job_id, main_id in account.jobs.items():
        row = rows[main_id]
        synced = row["lastSyncedAt"] and moment(row["lastSyncedAt"])
        if row["healthScore"] != account.score or not synced:
            balance.never([main_id], "a row that was synced shows nothing of it")
        elif synced < moment(jobs[job_id]["createdAt"]):
            balance.never([job_id], "a job ended without its effect")
