"""Two API processes and two workers side by side on real servers, and how each is stopped hard."""

import contextlib
import itertools
import shutil
from collections.abc import Callable, Iterable
from functools import partial
from pathlib import Path
from urllib.parse import urlsplit

import psutil

from harness import Project, Service, start_services
from harness.service import Api, Worker
from harness.waiting import free_port
from suite.tenants import Collection
from suite.users import User
from suite.waiting import wait_for

from .database import ask
from .load import Account, Load
from .people import at, collections, log_in
from .queue_server import queue_setting
from .stack import Stack

ACCOUNTS = 4
# Rows to be synced in each account; work on one row is never queued twice at a time.
MAINS = 6
RECOVERY_SECONDS = 60
SERVERS = ("database", "queue")


class Rig:
    """Parts are named `api`, `worker` (both of them), `api-1` (the one), `database`, `queue`
    (the server behind it) and `queue-forgets`, whose data is gone as well."""

    def __init__(self, stack: Stack, service: Service, project: Project) -> None:
        self.stack = stack
        self.service = service
        self._project = project
        self._restarts = 0
        # Another one each time: what an earlier load wrote proves nothing.
        self._scores = itertools.cycle(range(1, 100))
        self._apis = {n: service.launch_api(f"api-{n}") for n in (1, 2)}
        self._workers = {n: self._launch_worker(n, free_port()) for n in (1, 2)}
        self.recovers()
        self.users = [log_in(stack, self._apis[1], stack.seed(service)) for _ in range(ACCOUNTS)]
        self._mains = [self._with_more_mains(user.seed.main_id) for user in self.users]

    @property
    def owner_url(self) -> str:
        settings = self.service.settings
        return settings.get("MIGRATION_DATABASE_URL", settings["DATABASE_URL"])

    @property
    def collection(self) -> Collection:
        return next(one for one in collections(self.stack) if one.path == "feedback")

    def load(self) -> Load:
        score, url = next(self._scores), f"/{self.stack.shape['mains']}"
        accounts = [
            Account(self.at_both(user), mains, url, score)
            for user, mains in zip(self.users, self._mains, strict=True)
        ]
        return Load(self.stack, accounts, self.collection)

    def at_both(self, user: User) -> list[User]:
        """The same user, at one API process and at the other."""
        return [at(self.stack, user, api) for api in self._apis.values()]

    def kill(self, *parts: str) -> int:
        """SIGKILL to all of it, one right after the other; how many processes that were."""
        blows = [blow for part in parts for blow in self._blows(part)]
        for blow in blows:
            blow()
        return len(blows)

    def bring_back(self, *parts: str) -> None:
        """Where it was. The servers first, as no process starts without them. What was not killed
        and is gone all the same stays so, and `recovers` tells."""
        if any(part.startswith(SERVERS) for part in parts):
            again = start_services(self._project)
            assert again.items() <= self.service.settings.items(), "the servers are elsewhere now"
        self._restarts += 1
        for part in parts:
            self._relaunch(part)
        self.recovers()

    def recovers(self) -> None:
        for api in self._apis.values():
            api.wait_for(partial(_is_ready, api), "/health/ready is 200", RECOVERY_SECONDS)
        for worker in self._workers.values():
            worker.wait_for(worker.answers, "the worker's metrics answer", RECOVERY_SECONDS)

    def addresses(self, *parts: str) -> set[str]:
        """The API processes among the parts: those alone may be out of reach."""
        numbers = [_chosen(self._apis, part) for part in parts if part.startswith("api")]
        return {self._apis[n].base_url for chosen in numbers for n in chosen}

    def _relaunch(self, part: str) -> None:
        if part.startswith("api"):
            for n in _chosen(self._apis, part):
                port = self._apis[n].settings["PORT"]
                self._apis[n] = self.service.launch_api(f"api-{n}-{self._restarts}", PORT=port)
        elif part.startswith("worker"):
            for n in _chosen(self._workers, part):
                metrics = urlsplit(self._workers[n].metrics_url)
                self._workers[n] = self._launch_worker(n, metrics.port or 0)

    def _launch_worker(self, n: int, port: int) -> Worker:
        name = f"worker-{n}-{self._restarts}" if self._restarts else f"worker-{n}"
        return self.service.launch_worker(name, WORKER_METRICS_PORT=str(port))

    def _with_more_mains(self, main_id: str) -> list[str]:
        """No route makes them, so they are copied where they are."""
        table = self.stack.shape["mains"].replace("-", "_")
        copies = ask(
            self.owner_url,
            f"INSERT INTO {table} SELECT (jsonb_populate_record(one, jsonb_build_object("
            "'id', gen_random_uuid(), 'name', 'Copy ' || n))).*"
            f" FROM {table} AS one, generate_series(2, {MAINS}) AS n"
            f" WHERE one.id = '{main_id}' RETURNING id",
        )
        return [main_id, *copies]

    def _blows(self, part: str) -> list[Callable[[], None]]:
        kind, _, which = part.partition("-")
        if kind == "api":
            return [self._apis[n].kill for n in _chosen(self._apis, part)]
        if kind == "worker":
            return [self._workers[n].kill for n in _chosen(self._workers, part)]
        settings = self.service.settings
        name = "DATABASE_URL" if kind == "database" else queue_setting(settings)
        return [partial(_kill_server, settings[name], forgets=bool(which))]


def _chosen(of: Iterable[int], part: str) -> list[int]:
    """`api-1` is one, `api` all of them."""
    _, _, which = part.partition("-")
    return [int(which)] if which else list(of)


def _is_ready(api: Api) -> bool:
    return api.status("/health/ready") == 200


def _kill_server(url: str, *, forgets: bool) -> None:
    """The process that listens there, and its children at once."""
    port = urlsplit(url).port
    listeners = {
        one.pid
        for one in psutil.net_connections("tcp")
        if one.status == psutil.CONN_LISTEN and one.laddr and one.laddr.port == port
    }
    (pid,) = {one for one in listeners if one is not None and _is_first(one)}
    server = psutil.Process(pid)
    data = Path(server.cwd())
    doomed = [server, *server.children(recursive=True)]
    for process in doomed:
        with contextlib.suppress(psutil.NoSuchProcess):
            process.kill()
    wait_for(lambda: not any(map(_alive, doomed)), f"the end of {server}", RECOVERY_SECONDS)
    if forgets:
        for path in data.iterdir():
            shutil.rmtree(path) if path.is_dir() else path.unlink()


def _alive(process: psutil.Process) -> bool:
    """A zombie is not, though nobody may be there to bury it."""
    try:
        return bool(process.status() != psutil.STATUS_ZOMBIE)
    except psutil.NoSuchProcess:
        return False


def _is_first(pid: int) -> bool:
    """Not one that inherited the socket from the process that opened it."""
    process = psutil.Process(pid)
    parent = process.parent()
    return parent is None or parent.name() != process.name()
