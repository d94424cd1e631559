"""HTTP calls to a provider: bounded in time and size, retried, never redirected."""

from __future__ import annotations

import asyncio
import json
import random
import time
from typing import TYPE_CHECKING, TypeVar
from urllib.parse import urlsplit

import httpx

from sage import __version__
from sage.config.container import is_own_image
from sage.config.values import is_loopback
from sage.errors import ProviderRejectedError, ProviderUnavailableError
from sage.phrases import phrase, with_arguments
from sage.providers.remote.breaker import CircuitBreaker
from sage.providers.remote.faults import (
    Fault,
    FaultError,
    FaultKind,
    MalformedResponseError,
    ServerFailedError,
    error_code,
    response_fault,
)
from sage.telemetry.logs import get_logger
from sage.telemetry.metrics.catalog import BREAKER_OPEN, PROVIDER_DURATION, PROVIDER_REQUESTS

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from sage.providers.remote.endpoints import Endpoint, Timings

_MAX_RESPONSE_BYTES = 16 * 1024 * 1024
_MAX_CONNECTIONS = 8
_TRACE_HEADER = "x-siliconcloud-trace-id"

log = get_logger(__name__)

_Result = TypeVar("_Result")


class ApiClient:
    """Calls one model of one provider. Safe to call from many tasks at once."""

    def __init__(self, endpoint: Endpoint, timings: Timings, operation: str) -> None:
        """Call `endpoint`; `operation` is the model's operation in metrics."""
        self.endpoint = endpoint
        self.timings = timings
        self._labels = (endpoint.provider, operation)
        BREAKER_OPEN.labels(*self._labels).set(0)
        self._breaker = CircuitBreaker(timings)
        key = endpoint.api_key
        self._http = httpx.AsyncClient(
            headers={
                "user-agent": f"sage-memory-server/{__version__}",
                "accept": "application/json",
                "accept-encoding": "identity",
                **({} if key is None else {"authorization": f"Bearer {key.get_secret_value()}"}),
            },
            timeout=httpx.Timeout(timings.read_s, connect=timings.connect_s),
            limits=httpx.Limits(max_connections=_MAX_CONNECTIONS),
            follow_redirects=False,
            # A server on this machine is never reached through a proxy from the environment.
            trust_env=not is_loopback(urlsplit(endpoint.base_url).hostname or ""),
        )

    @property
    def ready(self) -> bool:
        """Whether the circuit breaker is closed, so that calls are sent."""
        return not self._breaker.is_open

    @property
    def last_error(self) -> str:
        """The last failure's message, empty after a success."""
        return self._breaker.last_error

    async def post(
        self,
        path: str,
        payload: Mapping[str, object],
        parse: Callable[[object], _Result],
        *,
        deadline_s: float,
        bypass_breaker: bool = False,
    ) -> _Result:
        """Send a request and return what `parse` makes of the response's JSON.

        `parse` raises MalformedResponseError; any other exception of it counts as one.
        `bypass_breaker` sends a single attempt even while the circuit breaker is open. Raises
        ProviderUnavailableError (ServerFailedError when the input may be the cause),
        ProviderRejectedError.
        """
        body = json.dumps(payload, ensure_ascii=False).encode(errors="replace")
        max_attempts = 1 if bypass_breaker else self.timings.max_attempts
        ends_at = time.monotonic() + deadline_s
        for attempt in range(1, max_attempts + 1):
            admitted = not bypass_breaker and self._breaker.admit()
            on_trial = bypass_breaker or admitted
            try:
                async with PROVIDER_DURATION.time(*self._labels):
                    result = await self._attempt(path, body, parse, ends_at)
            except FaultError as error:
                fault = error.fault
                PROVIDER_REQUESTS.labels(*self._labels, fault.kind.name.lower()).inc()
            else:
                PROVIDER_REQUESTS.labels(*self._labels, "ok").inc()
                self._record_success(on_trial=on_trial)
                return result
            finally:
                if admitted:
                    self._breaker.end_trial()
            if fault.kind is FaultKind.REJECTED:
                self._record_success(on_trial=on_trial)
                raise ProviderRejectedError(fault.message, hint=fault.hint)
            self._record_fault(fault, on_trial=on_trial)
            delay_s = self._delay_s(attempt)
            late = time.monotonic() + delay_s >= ends_at
            if attempt == max_attempts or late or self._breaker.is_open:
                break
            await asyncio.sleep(delay_s)
        kind = (
            ServerFailedError if fault.kind is FaultKind.SERVER_ERROR else ProviderUnavailableError
        )
        wait_s = fault.retry_after_s
        retry_in_s = None if wait_s is None else self.timings.clamp_retry_after_s(wait_s)
        raise kind(fault.message, hint=fault.hint, retry_in_s=retry_in_s)

    def report_fault(self, fault: Fault) -> ProviderUnavailableError:
        """Record a fault that only the caller can recognize and return the error to raise."""
        self._record_fault(fault, on_trial=True)
        return ProviderUnavailableError(fault.message, hint=fault.hint)

    async def close(self) -> None:
        """Close all connections; later calls are refused."""
        await self._http.aclose()

    async def _attempt(
        self, path: str, body: bytes, parse: Callable[[object], _Result], ends_at: float
    ) -> _Result:
        started_at = time.monotonic()
        status, trace, content = 0, "", b""
        try:
            async with asyncio.timeout(max(0.0, ends_at - started_at)):
                response, content = await self._exchange(path, body)
            status, trace = response.status_code, response.headers.get(_TRACE_HEADER, "")
            if status == httpx.codes.OK:
                return _parse_json(content, parse)
            fault = response_fault(status, response.headers, content, self.endpoint)
        except (httpx.HTTPError, TimeoutError) as error:
            fault = _transport_fault(error, self.endpoint)
        except MalformedResponseError as error:
            fault = Fault(
                FaultKind.SERVER_ERROR,
                with_arguments(error.message, name=self.endpoint.name),
                error.hint,
            )
        log.warning(
            "provider_call_failed",
            provider=self.endpoint.name,
            path=path,
            reason=fault.message,
            status=status or None,
            code=error_code(content),
            trace_id=trace or None,
            took_ms=round((time.monotonic() - started_at) * 1000),
        )
        raise FaultError(fault)

    async def _exchange(self, path: str, body: bytes) -> tuple[httpx.Response, bytes]:
        if self._http.is_closed:
            raise FaultError(
                Fault(
                    FaultKind.UNREACHABLE,
                    phrase("the connection to {name} is closed", name=self.endpoint.name),
                    "Sage is shutting down",
                )
            )
        async with self._http.stream(
            "POST",
            self.endpoint.base_url + path,
            content=body,
            headers={"content-type": "application/json"},
        ) as response:
            content = bytearray()
            async for part in response.aiter_bytes():
                content += part
                if len(content) > _MAX_RESPONSE_BYTES:
                    raise MalformedResponseError("{name} sent a response that is too large")
            return response, bytes(content)

    def _record_success(self, *, on_trial: bool) -> None:
        was_open = self._breaker.is_open
        self._breaker.record_success(on_trial=on_trial)
        if was_open and not self._breaker.is_open:
            BREAKER_OPEN.labels(*self._labels).set(0)
            log.info("circuit_closed", provider=self.endpoint.name)

    def _record_fault(self, fault: Fault, *, on_trial: bool) -> None:
        was_open = self._breaker.is_open
        self._breaker.record_fault(fault, on_trial=on_trial)
        if self._breaker.is_open and not was_open:
            BREAKER_OPEN.labels(*self._labels).set(1)
            write = log.error if fault.kind is FaultKind.PERMANENT else log.warning
            write(
                "circuit_opened",
                provider=self.endpoint.name,
                reason=fault.message,
                hint=fault.hint,
            )

    def _delay_s(self, attempt: int) -> float:
        delay_s = self.timings.initial_delay_s * 2.0 ** (attempt - 1)
        jitter = random.uniform(0.5, 1.0)  # noqa: S311 - not used for security
        return min(delay_s, self.timings.max_delay_s) * jitter


def _parse_json(content: bytes, parse: Callable[[object], _Result]) -> _Result:
    """Parse a response; whatever a server sends, only MalformedResponseError is raised."""
    try:
        document = json.loads(content)
    except (ValueError, RecursionError):
        raise MalformedResponseError("{name} sent a response that is not JSON") from None
    try:
        return parse(document)
    except MalformedResponseError:
        raise
    except Exception as error:
        raise MalformedResponseError("{name} sent a response of an unexpected form") from error


def _hint_to_reach(endpoint: Endpoint) -> str:
    if is_own_image() and is_loopback(urlsplit(endpoint.base_url).hostname or ""):
        return phrase(
            "inside a container localhost is the container itself: in {setting}, use "
            "host.docker.internal for the machine around it (docs/models.md)",
            setting=endpoint.url_variable,
        )
    return phrase("check {setting} and the network", setting=endpoint.url_variable)


def _transport_fault(error: Exception, endpoint: Endpoint) -> Fault:
    """Return the fault of a call that got no response, or not a complete one."""
    name, hint = endpoint.name, _hint_to_reach(endpoint)
    match error:
        case httpx.ConnectTimeout() | httpx.ConnectError() | httpx.PoolTimeout():
            return Fault(FaultKind.UNREACHABLE, phrase("{name} cannot be reached", name=name), hint)
        case httpx.ProxyError() | httpx.UnsupportedProtocol():
            return Fault(
                FaultKind.UNREACHABLE,
                phrase("{name} cannot be reached through the proxy", name=name),
                hint,
            )
        case httpx.TimeoutException() | TimeoutError():
            return Fault(
                FaultKind.SERVER_ERROR, phrase("{name} did not respond in time", name=name), hint
            )
        case _:
            return Fault(
                FaultKind.SERVER_ERROR, phrase("the connection to {name} was lost", name=name), hint
            )
