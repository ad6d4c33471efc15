"""Clients at work, as real ones are: what got no answer they repeat until they have one."""

import itertools
import secrets
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field

from httpx2 import Response, Timeout, TransportError

from suite.tenants import Collection
from suite.users import User

from .people import sync_url
from .stack import Stack

# What the contract has for a service that a part is missing of.
OUTAGE = {503, 504}
PAUSE_SECONDS = 0.05
IMPATIENT = Timeout(10, read=0.003)
# Far over any outage: it only ends a try that would never end.
GIVE_UP_SECONDS = 90


@dataclass
class Change:
    """The last value that was accepted for a row, and how often one was sent."""

    turn: int = 0
    accepted: int = 0
    sent: int = 0


@dataclass
class Account:
    """What the clients of one account know to have been accepted."""

    users: list[User]
    mains: list[str]
    mains_url: str
    score: int
    rows: dict[str, str] = field(default_factory=dict)
    changes: dict[str, Change] = field(default_factory=dict)
    jobs: dict[str, str] = field(default_factory=dict)
    syncs_sent: int = 0
    syncs_answered: int = 0


class Load:
    """Two clients an account: one makes and changes rows, one syncs; each goes from one API
    process to the next when it gets no answer."""

    def __init__(self, stack: Stack, accounts: Sequence[Account], collection: Collection) -> None:
        self.accounts = accounts
        self.answers: Counter[int] = Counter()
        self.broken: Counter[str] = Counter()
        self.refused: Counter[str] = Counter()
        self.errors: list[BaseException] = []
        self.replayed = 0
        self.hung_up = 0
        self.sync_url = sync_url(stack)
        self.collection = collection
        self._stop = threading.Event()
        self._lock = threading.Lock()

    @property
    def sent(self) -> int:
        return self.answers.total() + self.broken.total() + self.hung_up

    @property
    def accepted(self) -> int:
        """Rows made, rows changed and jobs queued, as the clients were told."""
        return sum(
            len(account.rows)
            + len(account.jobs)
            + sum(change.accepted for change in account.changes.values())
            for account in self.accounts
        )

    @contextmanager
    def running(self) -> Iterator[None]:
        """The clients work until the end of the block, and then to the end of what they began."""
        turns = [
            threading.Thread(target=self._client, args=(work, account), daemon=True)
            for account in self.accounts
            for work in (self._writes, self._syncs)
        ]
        for thread in turns:
            thread.start()
        try:
            yield
        finally:
            self._stop.set()
            for thread in turns:
                thread.join(GIVE_UP_SECONDS + 10)
        assert not any(thread.is_alive() for thread in turns), "a client never ended"
        self.check()

    def check(self) -> None:
        """No client has met anything but what the contract allows."""
        if self.errors:
            raise self.errors[0]

    def _client(self, work: Callable[[Account, int], None], account: Account) -> None:
        try:
            for number in itertools.count():
                if self._stop.wait(PAUSE_SECONDS):
                    return
                work(account, number)
        except BaseException as error:
            # Told by `check`, in the test's own thread.
            self.errors.append(error)

    def _writes(self, account: Account, number: int) -> None:
        key = f"{secrets.token_hex(8)}-{number}"
        body = {"content": key, "sentiment": "neutral"}
        url, repeat = self.collection.url, {"Idempotency-Key": key}
        if number % 4 == 1:
            self._hang_up(
                account.users[0],
                lambda user: user.post(url, json=body, headers=repeat, timeout=IMPATIENT),
            )
        created = self._ask(
            account, 201, lambda user: user.post(url, json=body, headers=repeat), number
        )
        row_id = created.json()["data"]["id"]
        account.rows[key] = row_id
        if created.headers.get("idempotent-replay") == "true":
            self.replayed += 1
        if number % 3 == 0:
            again = self._ask(
                account, 201, lambda user: user.post(url, json=body, headers=repeat), number + 1
            )
            assert again.json()["data"]["id"] == row_id, "an idempotency key made two rows"
            assert again.headers["idempotent-replay"] == "true"
        if number % 2 == 0:
            self._change(account, row_id, number)
        row = self._ask(account, 200, lambda user: user.get(f"{url}/{row_id}"), number)
        assert row.json()["data"]["content"] == key

    def _change(self, account: Account, row_id: str, turn: int) -> None:
        change = account.changes.setdefault(row_id, Change())

        def send(user: User) -> Response:
            change.sent += 1
            return user.patch(f"{self.collection.url}/{row_id}", json={"metadata": {"turn": turn}})

        self._ask(account, 200, send, turn)
        change.turn, change.accepted = turn, change.accepted + 1

    def _syncs(self, account: Account, number: int) -> None:
        main_id = account.mains[number % len(account.mains)]

        def send(user: User) -> Response:
            account.syncs_sent += 1
            return user.post(self.sync_url, json={"mainEntityId": main_id})

        job_id = self._ask(account, 202, send, number).json()["jobId"]
        account.jobs[job_id] = main_id
        account.syncs_answered += 1
        self._ask(account, 200, lambda user: user.get(f"/jobs/{job_id}"), number)

    def _ask(
        self, account: Account, status: int, send: Callable[[User], Response], number: int
    ) -> Response:
        """The answer, however many tries it takes."""
        deadline = time.monotonic() + GIVE_UP_SECONDS
        for user in itertools.islice(itertools.cycle(account.users), number % 2, None):
            answer = self._try(user, send)
            if answer is not None and answer.status_code == status:
                return answer
            assert time.monotonic() < deadline, f"never {status}, at last {answer}"
            time.sleep(PAUSE_SECONDS)
        raise AssertionError("unreachable")

    def _hang_up(self, user: User, send: Callable[[User], Response]) -> None:
        """Sent, and most often gone before the answer: the next try meets the first at work."""
        try:
            self._judge(send(user))
        except TransportError:
            with self._lock:
                self.hung_up += 1

    def _try(self, user: User, send: Callable[[User], Response]) -> Response | None:
        try:
            answer = send(user)
        except TransportError:
            with self._lock:
                self.broken[user.service.base_url] += 1
            return None
        self._judge(answer)
        return answer

    def _judge(self, answer: Response) -> None:
        with self._lock:
            self.answers[answer.status_code] += 1
            if not answer.is_success:
                self.refused[answer.request.url.path] += 1
        if not answer.is_success:
            assert answer.status_code in OUTAGE, (
                f"{answer.request.method} {answer.request.url}: {answer.status_code} {answer.text}"
            )
