"""The suite's options and fixtures: who calls, and what listens."""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from suite import coverage
from suite.caller import Addresses, Caller, Service
from suite.checks import expect
from suite.journal import Journal
from suite.openapi import OpenApi
from suite.plugin import ContractPlugin
from suite.receiver import Receiver
from suite.tenants import Collection, Seed, Tenants, load
from suite.upstream import Upstream
from suite.users import Spares, User, keep_room

SENTENCES = Path(__file__).with_name("sentences.yml")
NO_SERVICE = "a service is needed: --base-url http://127.0.0.1:8000 --tenants tenants.json"


def pytest_addoption(parser: pytest.Parser) -> None:
    group = parser.getgroup("contract")
    group.addoption("--base-url", help="the service, e.g. http://127.0.0.1:8000")
    group.addoption("--tenants", type=Path, help="tenants.json: what was booted and seeded")


def pytest_configure(config: pytest.Config) -> None:
    for line in (
        "contract(*ids): the sentences of contract.md that the test shows",
        "applies(**what): the kind of service that the test is for",
        'order(when): run "first" or "last"',
        "security: an attack, counted at the end",
    ):
        config.addinivalue_line("markers", line)
    path = config.getoption("--tenants", None)
    plugin = ContractPlugin(
        coverage.Coverage(coverage.load(SENTENCES)), load(path) if path else None
    )
    config.pluginmanager.register(plugin, "contract")


@pytest.fixture(scope="session")
def tenants(pytestconfig: pytest.Config) -> Tenants:
    plugin = pytestconfig.pluginmanager.get_plugin("contract")
    assert isinstance(plugin, ContractPlugin)
    if plugin.tenants is None or not pytestconfig.getoption("--base-url", None):
        pytest.exit(NO_SERVICE, returncode=4)
    return plugin.tenants


@pytest.fixture(scope="session")
def journal() -> Journal:
    """Every response of the run, to be held against the OpenAPI document at the end."""
    return Journal()


@pytest.fixture(scope="session")
def service(pytestconfig: pytest.Config, tenants: Tenants, journal: Journal) -> Service:
    base_url = pytestconfig.getoption("--base-url").rstrip("/")
    return Service(base_url, tenants.prefix, tenants.settings, Addresses(), [journal.note])


@pytest.fixture(scope="session")
def strict(tenants: Tenants, service: Service) -> Service:
    """The second process: other settings, the same database, Redis and tokens."""
    given = tenants.strict
    assert given is not None
    return Service(
        given.base_url,
        tenants.prefix,
        given.settings,
        service.addresses,
        service.observers,
        service.tokens,
    )


@pytest.fixture(scope="session")
def api(service: Service, tenants: Tenants) -> OpenApi:
    document = expect(service.anonymous().root.get("/openapi.json"), 200)
    return OpenApi(document, service.prefix, tenants.integration)


@pytest.fixture(scope="session")
def receiver() -> Iterator[Receiver]:
    with Receiver() as listening:
        yield listening


@pytest.fixture(scope="session")
def upstream(tenants: Tenants) -> Iterator[Upstream]:
    with Upstream(tenants.integration_setting("BASE_URL")) as listening:
        yield listening


@pytest.fixture(scope="session")
def spares(tenants: Tenants) -> Spares:
    return Spares(tenants.spares)


@pytest.fixture
def ip(service: Service) -> str:
    """The client address of this test alone."""
    return service.addresses.new()


@pytest.fixture
def anonymous(service: Service, ip: str) -> Caller:
    return service.anonymous(ip)


Login = Callable[..., User]


@pytest.fixture(scope="session")
def log_in(service: Service, tenants: Tenants, api: OpenApi) -> Login:
    """`log_in(seed)` gives the user; with `account`, acting in that account; with `at`, there."""

    def make(
        seed: Seed, ip: str | None = None, account: str | None = None, at: Service | None = None
    ) -> User:
        keep_room(at or service, seed)
        caller = (at or service).user(seed, ip, account)
        return User(**vars(caller), seed=seed, api=api, collections=tenants.collections)

    return make


@pytest.fixture
def a(log_in: Login, tenants: Tenants, ip: str) -> User:
    """The owner of account A."""
    return log_in(tenants.seeds["a_owner"], ip).prepared()


@pytest.fixture
def a_member(log_in: Login, tenants: Tenants, ip: str) -> User:
    return log_in(tenants.seeds["a_member"], ip)


@pytest.fixture
def b(log_in: Login, tenants: Tenants, ip: str) -> User:
    """The owner of account B."""
    return log_in(tenants.seeds["b_owner"], ip).prepared()


@pytest.fixture
def owner(log_in: Login, spares: Spares, ip: str) -> User:
    """The owner of an account that no other user is in; it may hold rows of earlier tests."""
    return log_in(spares.next(), ip).prepared()


@pytest.fixture
def fresh(log_in: Login, spares: Spares, ip: str) -> User:
    """The owner of an account that only this test uses: its limits may be used up."""
    return log_in(spares.fresh(), ip).prepared()


@pytest.fixture(scope="session")
def first(tenants: Tenants) -> Collection:
    """The first collection, for what is the same for all of them."""
    return tenants.collections[0]


NewKey = Callable[[User], str]


@pytest.fixture(scope="session")
def new_key() -> NewKey:
    def make(owner: User) -> str:
        made: dict[str, Any] = expect(owner.post("/sdk-keys", json={"name": "suite"}), 201)
        return str(made["data"]["key"])

    return make
