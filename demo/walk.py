"""The walk: each step asks the running service something and tells what it answered."""

import json
from collections.abc import Mapping
from queue import Empty
from typing import Any

import httpx2
from standardwebhooks import Webhook

from harness.console import say
from harness.waiting import wait_until

from .listener import HEALTH_SCORE, Outside

PREFIX = "/api/v1"
LOGIN_LIMIT = 5
PATIENCE_SECONDS = 30

Json = dict[str, Any]


class Surprise(Exception):
    """The service answered something else than it should."""


def told(asked: str, answer: object, detail: str) -> None:
    say(f"  ✓ {asked:<46} → {answer}  {detail}")


def _expect(asked: str, status: int, response: httpx2.Response) -> Json:
    if response.status_code != status:
        raise Surprise(f"{asked}: expected {status}, got {response.status_code} {response.text}")
    body: Json = response.json()
    return body


def _equal(asked: str, expected: object, got: object) -> None:
    if got != expected:
        raise Surprise(f"{asked}: expected {expected!r}, got {got!r}")


class Walk:
    def __init__(
        self,
        base_url: str,
        alice: Json,
        bob: Json,
        outside: Outside,
        transport: httpx2.BaseTransport | None = None,
    ) -> None:
        self._http = httpx2.Client(
            base_url=f"{base_url}{PREFIX}", trust_env=False, timeout=30, transport=transport
        )
        self._alice = alice
        self._bob = bob
        self._outside = outside

    def take(self) -> None:
        token = self._log_in()
        self._refuse_strangers()
        secret = self._register(token)
        row = self._create(token)
        self._list(token, row)
        self._refuse_bad_input(token)
        self._hide_from_other_tenants(row)
        self._limit()
        self._sync(token)
        self._deliver(secret, row)

    def _token_of(self, user: Json) -> str:
        credentials = {"email": user["email"], "password": user["password"]}
        answer = _expect("log in", 200, self._http.post("/auth/token", json=credentials))
        return str(answer["data"]["accessToken"])

    def _log_in(self) -> str:
        token = self._token_of(self._alice)
        told("Alice logs in with e-mail and password", 200, f"a token: {token[:12]}…")
        return token

    def _refuse_strangers(self) -> None:
        asked = "Someone lists the feedback without a token"
        response = self._http.get("/feedback")
        told(asked, 401, f"“{_expect(asked, 401, response)['error']}”")

    def _register(self, token: str) -> str:
        asked = "Alice registers a webhook endpoint"
        body = {"url": f"{self._outside.url}/hooks", "eventTypes": ["feedback.created"]}
        response = self._http.post("/webhook-endpoints", json=body, headers=_as(token))
        endpoint = _expect(asked, 201, response)["data"]
        told(asked, 201, f"secret, shown this once: {endpoint['secret'][:10]}…")
        return str(endpoint["secret"])

    def _create(self, token: str) -> Json:
        asked = "Alice creates feedback"
        body = {"content": "The new dashboard is a joy.", "sentiment": "positive"}
        response = self._http.post("/feedback", json=body, headers=_as(token))
        row: Json = _expect(asked, 201, response)["data"]
        left = response.headers["x-ratelimit-remaining"]
        told(asked, 201, f"id {row['id']}, {left} requests left this minute")
        return row

    def _list(self, token: str, row: Json) -> None:
        asked = "Alice lists the feedback"
        page = _expect(asked, 200, self._http.get("/feedback", headers=_as(token)))
        _equal(asked, [row], page["data"])
        told(asked, 200, f"1 row, nextCursor {json.dumps(page['nextCursor'])}")

    def _refuse_bad_input(self, token: str) -> None:
        asked = "Alice sends a sentiment that there is not"
        body = {"content": "Hm.", "sentiment": "furious"}
        response = self._http.post("/feedback", json=body, headers=_as(token))
        (detail,) = _expect(asked, 400, response)["details"]
        _equal(asked, "sentiment", detail["path"])
        told(asked, 400, f"{detail['path']}: {detail['message']}")

    def _hide_from_other_tenants(self, row: Json) -> None:
        asked = "Bob, of another tenant, asks for Alice's row"
        response = self._http.get(f"/feedback/{row['id']}", headers=_as(self._token_of(self._bob)))
        told(asked, 404, f"“{_expect(asked, 404, response)['error']}”")

    def _limit(self) -> None:
        asked = "Someone guesses Bob's password, over and over"
        guess = {"email": self._bob["email"], "password": "is-it-this-one?"}
        # A new minute may begin in between and give new places.
        for _ in range(2 * LOGIN_LIMIT + 1):
            response = self._http.post("/auth/token", json=guess)
            if response.status_code == 429:
                break
        _expect(asked, 429, response)
        told(asked, 429, f"Retry-After: {response.headers['retry-after']} seconds")

    def _sync(self, token: str) -> None:
        asked = "Alice has her company synced with the CRM"
        company = self._alice["mainEntity"]["id"]
        body = {"mainEntityId": company}
        response = self._http.post("/integrations/apideck/sync", json=body, headers=_as(token))
        job_id = _expect(asked, 202, response)["jobId"]
        told(asked, 202, f"job {job_id}")

        def ended() -> Json | None:
            job: Json = _expect("job", 200, self._get(f"/jobs/{job_id}", token))["data"]
            return job if job["status"] in ("completed", "failed") else None

        asked = "  … and the worker does it"
        job = wait_until(ended, "the job ends", PATIENCE_SECONDS) or {}
        _equal(asked, "completed", job["status"])
        rows = _expect(asked, 200, self._get("/companies", token))["data"]
        scores = {row["id"]: row["healthScore"] for row in rows}
        _equal(asked, HEALTH_SCORE, scores[company])
        told(asked, job["status"], f"the company's health score is {scores[company]}")

    def _deliver(self, secret: str, row: Json) -> None:
        asked = "The webhook for Alice's feedback arrives"
        try:
            delivery = self._outside.deliveries.get(timeout=PATIENCE_SECONDS)
        except Empty:
            raise Surprise(f"{asked}: nothing within {PATIENCE_SECONDS} s") from None
        event = Webhook(secret).verify(delivery.body, delivery.headers)
        _equal(asked, row["id"], event["data"]["id"])
        told(asked, event["type"], f"signed: {delivery.headers['webhook-signature'][:14]}…")

    def _get(self, path: str, token: str) -> httpx2.Response:
        return self._http.get(path, headers=_as(token))


def _as(token: str) -> Mapping[str, str]:
    return {"Authorization": f"Bearer {token}"}
