"""Sections 5 and 8: health, and what the metrics tell."""

import re
import uuid
from collections import Counter

import httpx2
import pytest

from suite.caller import Caller, Service
from suite.checks import expect
from suite.endpoints import Registry, types_of
from suite.metrics import NAMES, Metrics
from suite.receiver import Receiver
from suite.tenants import Collection, Tenants
from suite.upstream import Upstream, found
from suite.users import User
from suite.waiting import wait_for
from test_jobs import ended, start

contract = pytest.mark.contract
IDS = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-|[0-9a-f]{16}|@|sk_|whsec_", re.IGNORECASE)


def of_api(service: Service) -> Metrics:
    token = service.settings.text("METRICS_TOKEN")
    headers = {"Authorization": f"Bearer {token}"} if token else {}
    response = service.anonymous().root.get("/metrics", headers=headers)
    assert response.status_code == 200, response.text
    return Metrics(response.text)


def of_worker(tenants: Tenants) -> Metrics:
    token = tenants.settings.text("METRICS_TOKEN")
    headers = {"Authorization": f"Bearer {token}"} if token else {}
    return Metrics(httpx2.get(tenants.worker_metrics_url, headers=headers, trust_env=False).text)


@contract("5.health", "2.bare")
def test_live_and_ready(anonymous: Caller) -> None:
    expect(anonymous.root.get("/health/live"), 200)
    body = expect(anonymous.root.get("/health/ready"), 200)
    assert set(body) == {"status", "checks"}
    assert set(body["checks"]) == {"database", "redis"}


@contract("5.health")
def test_health_needs_no_credentials_and_looks_at_none(anonymous: Caller) -> None:
    bad = anonymous.with_headers(Authorization="Bearer made-up", X_API_Key="sk_made-up")
    for path in ("/health/live", "/health/ready"):
        expect(bad.root.get(path), 200)


@contract("5.metrics", "1.metrics-open", "2.bare")
def test_metrics_are_prometheus_text(anonymous: Caller, tenants: Tenants) -> None:
    assert tenants.settings.text("METRICS_TOKEN") == ""
    response = anonymous.root.get("/metrics")
    assert response.status_code == 200
    assert response.headers["content-type"].split(";")[0] in (
        "text/plain",
        "application/openmetrics-text",
    )
    assert Metrics(response.text).families


@contract("8.names", "8.worker")
@pytest.mark.parametrize("name", NAMES)
def test_api_and_worker_declare_every_name(service: Service, tenants: Tenants, name: str) -> None:
    kind, labels = NAMES[name]
    service.anonymous().get("/nowhere")
    for metrics in (of_api(service), of_worker(tenants)):
        assert metrics.kind(name) == kind
        told = metrics.label_names(name) - {"le"}
        assert labels is None or told <= labels
        if labels is not None and told:
            assert told == labels


@contract("8.requests-counted")
def test_requests_are_counted_by_method_route_and_status(
    owner: User, anonymous: Caller, service: Service, collection: Collection
) -> None:
    row = owner.create(collection)

    def counts() -> Counter[tuple[str, str]]:
        family = of_api(service).families["http_requests"]
        found: Counter[tuple[str, str]] = Counter()
        for sample in family.samples:
            if sample.name == "http_requests_total" and collection.path in sample.labels["route"]:
                found[sample.labels["method"], sample.labels["status"]] += int(sample.value)
        return found

    before = counts()
    url = f"{collection.url}/{row['id']}"
    expect(owner.get(url), 200)
    expect(owner.get(collection.url), 200)
    expect(anonymous.get(collection.url), 401)
    expect(owner.post(collection.url, json={}), 400)
    expect(owner.delete(url), 204)
    more = counts() - before
    assert more == {("GET", "200"): 2, ("GET", "401"): 1, ("POST", "400"): 1, ("DELETE", "204"): 1}


@contract("8.requests-counted", "8.names")
def test_durations_are_histograms_that_grow(
    owner: User, service: Service, first: Collection
) -> None:
    names = ("http_request_duration_seconds", "db_query_duration_seconds")
    before = of_api(service)
    expect(owner.get(first.url), 200)
    after = of_api(service)
    for name in names:
        assert after.total(f"{name}_count") > before.total(f"{name}_count"), name
        assert after.total(f"{name}_sum") >= before.total(f"{name}_sum"), name
        assert after.total(f"{name}_bucket", le="+Inf") == after.total(f"{name}_count"), name


@contract("3.checksum-no-lookup")
def test_a_made_up_key_costs_no_query(
    anonymous: Caller, service: Service, first: Collection
) -> None:
    def queries() -> float:
        return of_api(service).total("db_query_duration_seconds_count")

    before = queries()
    for number in range(5):
        made_up = anonymous.with_headers(X_API_Key=f"sk_{number}{uuid.uuid4().hex * 2}")
        expect(made_up.post(first.url, json={}), 401)
    assert queries() == before


@contract("8.rejections-counted")
@pytest.mark.applies(auth=("jwt", "passport"))
def test_rejections_are_counted(anonymous: Caller, service: Service, tenants: Tenants) -> None:
    before = of_api(service).total("rate_limit_rejections_total")
    body = {"email": f"{uuid.uuid4()}@nowhere.test", "password": "wrong one"}
    refused = 0
    for _ in range(tenants.settings.number("RATE_LIMIT_LOGIN_PER_MINUTE") * 2 + 1):
        refused += anonymous.post("/auth/token", json=body).status_code == 429
    assert refused >= 1
    assert of_api(service).total("rate_limit_rejections_total") == before + refused


@contract("8.jobs-counted")
def test_jobs_are_counted_by_the_worker(owner: User, tenants: Tenants, upstream: Upstream) -> None:
    upstream.answers(owner.seed.main_id, [found()])

    def completed() -> float:
        return of_worker(tenants).total("queue_jobs_total", status="completed")

    before = completed()
    job_id = start(owner, f"/integrations/{tenants.integration}/sync")["jobId"]
    assert ended(owner, job_id)["status"] == "completed"
    wait_for(lambda: completed() == before + 1, "one more completed job")


@contract("8.deliveries-counted")
def test_deliveries_are_counted_by_the_worker(
    owner: User, tenants: Tenants, receiver: Receiver, first: Collection
) -> None:
    def delivered() -> float:
        return of_worker(tenants).total("webhook_deliveries_total", status="delivered")

    before = delivered()
    hooks = Registry(receiver)
    endpoint = hooks.register(owner, types_of(first, "created"))
    owner.create(first)
    endpoint.delivery("delivered")
    wait_for(lambda: delivered() == before + 1, "one more delivery")
    hooks.clear()


@contract("8.no-ids")
@pytest.mark.order("last")
def test_labels_never_hold_ids(
    owner: User, anonymous: Caller, service: Service, tenants: Tenants, first: Collection
) -> None:
    made_up = uuid.uuid4().hex
    anonymous.get(f"/nowhere-{made_up}")
    anonymous.root.get(f"/{made_up}/{uuid.uuid4()}")
    anonymous.get(f"{first.url}/{made_up}")
    expect(owner.get(f"{first.url}/{owner.create(first)['id']}"), 200)
    for metrics in (of_api(service), of_worker(tenants)):
        assert made_up not in metrics.text
        assert not [value for value in metrics.label_values() if IDS.search(value)]


@contract("1.metrics-token")
@pytest.mark.applies(strict=True)
def test_the_metrics_token_is_asked_for(strict: Service) -> None:
    token = strict.settings.text("METRICS_TOKEN")
    assert token, "the strict service needs a METRICS_TOKEN"
    root = strict.anonymous().root
    expect(root.get("/metrics"), 401)
    for wrong in (f"Bearer {token}x", f"Basic {token}", token, f"Bearer {token[:-1]}"):
        expect(root.get("/metrics", headers={"Authorization": wrong}), 401)
    right = root.get("/metrics", headers={"Authorization": f"Bearer {token}"})
    assert right.status_code == 200
    assert Metrics(right.text).families


@contract("1.cors-listed")
@pytest.mark.applies(strict=True)
def test_listed_origins_and_no_other_are_allowed(strict: Service, first: Collection) -> None:
    listed = strict.settings.text("CORS_ORIGINS").split(",")[0].strip()
    assert listed, "the strict service needs CORS_ORIGINS"
    caller = strict.anonymous()
    asked = {"Access-Control-Request-Method": "POST", "Access-Control-Request-Headers": "x-api-key"}
    allow = "access-control-allow-origin"
    assert caller.get(first.url, headers={"Origin": listed}).headers[allow] == listed
    preflight = caller.request("OPTIONS", first.url, headers={"Origin": listed, **asked})
    assert preflight.status_code in (200, 204)
    assert preflight.headers[allow] == listed
    for other in ("https://elsewhere.test", "null", f"{listed}.evil.test", listed.upper() + "x"):
        response = caller.get(first.url, headers={"Origin": other})
        assert allow not in response.headers, other
        preflight = caller.request("OPTIONS", first.url, headers={"Origin": other, **asked})
        assert allow not in preflight.headers, other
