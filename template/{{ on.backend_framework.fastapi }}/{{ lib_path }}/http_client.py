"""How integrations are called: with a timeout, jittered retries and a shared circuit breaker."""

import asyncio
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from http.client import TOO_MANY_REQUESTS
from typing import Any, Final

import httpx2
import stamina

from .circuit_breaker import CircuitBreaker, CircuitOpen

ATTEMPTS: Final = 3
FIRST_WAIT_SECONDS: Final = 0.2
LONGEST_WAIT_SECONDS: Final = 5.0
# A longer `Retry-After` is not waited for here: the job ends and comes again.
LONGEST_RETRY_AFTER_SECONDS: Final = 10.0
IDEMPOTENT: Final = frozenset({"GET", "HEAD", "OPTIONS", "PUT", "DELETE"})


class UpstreamError(Exception):
    """The upstream did not do what was asked. The message is fit to be shown to a tenant."""

    def __init__(
        self, message: str, *, retryable: bool = False, retry_after: float | None = None
    ) -> None:
        super().__init__(message)
        self.retryable = retryable
        self.retry_after = retry_after


class HttpClient:
    """Calls one upstream. Each single call asks the circuit breaker first and reports to it."""

    def __init__(
        self, name: str, base_url: str, api_key: str, *, breaker: CircuitBreaker, timeout_ms: int
    ) -> None:
        self._name = name
        self._breaker = breaker
        self._timeout = timeout_ms / 1000
        self._configured = bool(base_url)
        headers = {"Authorization": f"Bearer {api_key}"} if api_key else {}
        self._http = httpx2.AsyncClient(base_url=base_url, headers=headers, timeout=self._timeout)

    async def request(self, method: str, path: str, *, json: Any = None) -> httpx2.Response:
        if not self._configured:
            raise UpstreamError(f"{self._name} has no base URL configured")
        failure: UpstreamError | None = None
        async for attempt in stamina.retry_context(
            on=_wait_before_retry,
            attempts=ATTEMPTS if method in IDEMPOTENT else 1,
            timeout=None,
            wait_initial=FIRST_WAIT_SECONDS,
            wait_max=LONGEST_WAIT_SECONDS,
            wait_jitter=FIRST_WAIT_SECONDS,
        ):
            with attempt:
                try:
                    return await self._call(method, path, json)
                except UpstreamError as error:
                    failure = error
                    raise
                except CircuitOpen:
                    # Calls were made and failed, so it is their failure that ends the request.
                    if failure is None:
                        raise
                    raise UpstreamError(str(failure)) from failure
        raise AssertionError("the last attempt returns or raises")

    async def _call(self, method: str, path: str, json: Any) -> httpx2.Response:
        permit = await self._breaker.enter()
        try:
            async with asyncio.timeout(self._timeout):
                response = await self._http.request(method, path, json=json)
        except (httpx2.RequestError, TimeoutError) as error:
            await self._breaker.report(permit, succeeded=False)
            late = isinstance(error, (httpx2.TimeoutException, TimeoutError))
            problem = "did not answer in time" if late else "could not be reached"
            raise UpstreamError(f"{self._name} {problem}", retryable=True) from error
        except asyncio.CancelledError:
            await self._breaker.release(permit)
            raise
        await self._breaker.report(permit, succeeded=not response.is_server_error)
        if response.is_success:
            return response
        raise UpstreamError(
            f"{self._name} answered {response.status_code}",
            retryable=response.is_server_error or response.status_code == TOO_MANY_REQUESTS,
            retry_after=retry_after_seconds(response.headers.get("retry-after")),
        )

    async def get_object(self, path: str) -> dict[str, Any]:
        """GET a JSON object."""
        response = await self.request("GET", path)
        try:
            content = response.json()
        except ValueError as error:
            raise UpstreamError(f"{self._name} did not answer JSON") from error
        if not isinstance(content, dict):
            raise UpstreamError(f"{self._name} did not answer a JSON object")
        return content

    async def show_circuit(self) -> None:
        await self._breaker.show_state()

    async def close(self) -> None:
        await self._http.aclose()


def _wait_before_retry(error: Exception) -> bool | float:
    if not isinstance(error, UpstreamError) or not error.retryable:
        return False
    if error.retry_after is None:
        return True
    return error.retry_after if error.retry_after <= LONGEST_RETRY_AFTER_SECONDS else False


def retry_after_seconds(header: str | None) -> float | None:
    """Both forms of the header: seconds, and a date."""
    if header is None:
        return None
    if header.isascii() and header.isdigit():
        return float(header)
    try:
        moment = parsedate_to_datetime(header)
    except ValueError:
        return None
    if moment.tzinfo is None:
        moment = moment.replace(tzinfo=UTC)
    return max(0.0, (moment - datetime.now(UTC)).total_seconds())
