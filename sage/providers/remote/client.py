"""Calls to a provider: bounded in time and size, repeated when that may help, never redirected."""

from __future__ import annotations

import asyncio
import json
import random
import time
from typing import TYPE_CHECKING, TypeVar
from urllib.parse import urlsplit

import httpx

from sage import __version__
from sage.config.values import is_loopback
from sage.errors import ProviderRejectedError, ProviderUnavailableError
from sage.logs import get_logger
from sage.providers.remote.breaker import Breaker
from sage.providers.remote.faults import (
    Fault,
    FaultError,
    Kind,
    MalformedAnswerError,
    code_of,
    fault_of_answer,
    fault_of_transport,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from sage.providers.remote.endpoints import Endpoint, Timings

_MAX_ANSWER_BYTES = 16 * 1024 * 1024
_MAX_CONNECTIONS = 8
_TRACE_HEADER = "x-siliconcloud-trace-id"

log = get_logger(__name__)

_Answer = TypeVar("_Answer")


class StumbledError(ProviderUnavailableError):
    """The provider was reached and failed each time; perhaps what was sent is why."""


class ApiClient:
    """Asks one model of one provider. Safe to call from many tasks at once."""

    def __init__(self, endpoint: Endpoint, timings: Timings) -> None:
        self.endpoint = endpoint
        self.timings = timings
        self._breaker = Breaker(timings)
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
            # A proxy of the environment is not asked for what runs on this machine.
            trust_env=not is_loopback(urlsplit(endpoint.base_url).hostname or ""),
        )

    @property
    def ready(self) -> bool:
        """Whether calls are sent."""
        return not self._breaker.is_open

    @property
    def last_error(self) -> str:
        """What went wrong last, empty since the last success."""
        return self._breaker.last_error

    async def post(
        self,
        path: str,
        payload: Mapping[str, object],
        read: Callable[[object], _Answer],
        *,
        deadline_s: float,
        bypass_breaker: bool = False,
    ) -> _Answer:
        """Send a request and give what `read` makes of the answer's JSON.

        `read` raises MalformedAnswerError; any other failure counts as one. `bypass_breaker` sends
        one attempt whatever the breaker says: it is for finding out who is at fault. Raises
        ProviderUnavailableError (StumbledError when what was sent may be why),
        ProviderRejectedError.
        """
        body = json.dumps(payload, ensure_ascii=False).encode(errors="replace")
        attempts = 1 if bypass_breaker else self.timings.attempts
        ends_at = time.monotonic() + deadline_s
        for attempt in range(1, attempts + 1):
            admitted = not bypass_breaker and self._breaker.admit()
            on_trial = bypass_breaker or admitted
            try:
                answer = await self._attempt(path, body, read, ends_at)
            except FaultError as error:
                fault = error.fault
            else:
                self._breaker.succeeded(on_trial=on_trial)
                return answer
            finally:
                if admitted:
                    self._breaker.leave()
            if fault.kind is Kind.REJECTED:
                self._breaker.succeeded(on_trial=on_trial)
                raise ProviderRejectedError(fault.message, hint=fault.hint)
            self._note(fault, on_trial=on_trial)
            delay_s = self._delay_s(attempt)
            late = time.monotonic() + delay_s >= ends_at
            if attempt == attempts or late or self._breaker.is_open:
                break
            await asyncio.sleep(delay_s)
        kind = StumbledError if fault.kind is Kind.SERVER_ERROR else ProviderUnavailableError
        told_s = fault.retry_after_s
        retry_in_s = None if told_s is None else self.timings.believed_wait_s(told_s)
        raise kind(fault.message, hint=fault.hint, retry_in_s=retry_in_s)

    def blame(self, fault: Fault) -> ProviderUnavailableError:
        """Note a fault that only the caller can see, and give the error to raise for it."""
        self._note(fault, on_trial=True)
        return ProviderUnavailableError(fault.message, hint=fault.hint)

    async def close(self) -> None:
        """Close all connections; later calls are refused."""
        await self._http.aclose()

    async def _attempt(
        self, path: str, body: bytes, read: Callable[[object], _Answer], ends_at: float
    ) -> _Answer:
        started_at = time.monotonic()
        status, trace, answer = 0, "", b""
        try:
            async with asyncio.timeout(max(0.0, ends_at - started_at)):
                response, answer = await self._exchange(path, body)
            status, trace = response.status_code, response.headers.get(_TRACE_HEADER, "")
            if status == httpx.codes.OK:
                return _understood(answer, read)
            fault = fault_of_answer(status, response.headers, answer, self.endpoint)
        except (httpx.HTTPError, TimeoutError) as error:
            fault = fault_of_transport(error, self.endpoint)
        except MalformedAnswerError as error:
            fault = Fault(Kind.SERVER_ERROR, f"{self.endpoint.name} {error}", error.hint)
        log.warning(
            "provider_call_failed",
            provider=self.endpoint.name,
            path=path,
            reason=fault.message,
            status=status or None,
            code=code_of(answer),
            trace_id=trace or None,
            took_ms=round((time.monotonic() - started_at) * 1000),
        )
        raise FaultError(fault)

    async def _exchange(self, path: str, body: bytes) -> tuple[httpx.Response, bytes]:
        if self._http.is_closed:
            raise FaultError(
                Fault(Kind.UNREACHABLE, f"{self.endpoint.name} is let go", "Sage is ending")
            )
        async with self._http.stream(
            "POST",
            self.endpoint.base_url + path,
            content=body,
            headers={"content-type": "application/json"},
        ) as response:
            answer = bytearray()
            async for part in response.aiter_bytes():
                answer += part
                if len(answer) > _MAX_ANSWER_BYTES:
                    raise MalformedAnswerError("sent an answer that is far too large")
            return response, bytes(answer)

    def _note(self, fault: Fault, *, on_trial: bool) -> None:
        was_open = self._breaker.is_open
        self._breaker.failed(fault, on_trial=on_trial)
        if self._breaker.is_open and not was_open:
            tell = log.error if fault.kind is Kind.PERMANENT else log.warning
            tell(
                "provider_let_be",
                provider=self.endpoint.name,
                reason=fault.message,
                hint=fault.hint,
            )

    def _delay_s(self, attempt: int) -> float:
        longest_s = min(
            self.timings.first_delay_s * 2.0 ** (attempt - 1), self.timings.longest_delay_s
        )
        return longest_s * random.uniform(0.5, 1.0)  # noqa: S311 - spreads retries only


def _understood(answer: bytes, read: Callable[[object], _Answer]) -> _Answer:
    """Read an answer; whatever a server sends, it must not end who asked."""
    try:
        parsed = json.loads(answer)
    except (ValueError, RecursionError):
        raise MalformedAnswerError("sent something else than JSON") from None
    try:
        return read(parsed)
    except MalformedAnswerError:
        raise
    except Exception as error:
        raise MalformedAnswerError("sent an answer that cannot be understood") from error
