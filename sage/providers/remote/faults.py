"""What can go wrong with a call to a provider, sorted by what it calls for."""

from __future__ import annotations

import json
import math
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from enum import Enum, auto
from http import HTTPStatus
from typing import TYPE_CHECKING

import httpx

if TYPE_CHECKING:
    from collections.abc import Mapping

    from sage.providers.remote.endpoints import Endpoint

_UNKNOWN_MODEL = 20012


class Kind(Enum):
    """What a fault calls for."""

    UNREACHABLE = auto()
    """It cannot be reached or is overloaded: try again in a while."""
    SERVER_ERROR = auto()
    """It was reached and failed: try again; perhaps what was sent is why."""
    PERMANENT = auto()
    """It refuses us whatever is sent, until somebody changes something."""
    REJECTED = auto()
    """It refuses what was sent."""


@dataclass(frozen=True, slots=True)
class Fault:
    """One failed attempt. `message` and `hint` hold nothing that was sent, no key and no host."""

    kind: Kind
    message: str
    hint: str = ""
    retry_after_s: float | None = None


class FaultError(Exception):
    """Carries a fault from where it is seen to where it is judged."""

    def __init__(self, fault: Fault) -> None:
        super().__init__(fault.message)
        self.fault = fault


class MalformedAnswerError(Exception):
    """An answer is not what the interface promises; the hint says what may be set wrongly."""

    def __init__(self, message: str, *, hint: str = "") -> None:
        super().__init__(message)
        self.hint = hint


def fault_of_transport(error: Exception, endpoint: Endpoint) -> Fault:
    """Report what an answer that never came, or not whole, means."""
    name, hint = endpoint.name, f"check {endpoint.url_variable} and the network"
    match error:
        case httpx.ConnectTimeout() | httpx.ConnectError() | httpx.PoolTimeout():
            return Fault(Kind.UNREACHABLE, f"{name} cannot be reached", hint)
        case httpx.ProxyError() | httpx.UnsupportedProtocol():
            return Fault(Kind.UNREACHABLE, f"{name} cannot be reached through the proxy", hint)
        case httpx.TimeoutException() | TimeoutError():
            return Fault(Kind.SERVER_ERROR, f"{name} does not answer in time", hint)
        case _:
            return Fault(Kind.SERVER_ERROR, f"{name} broke off its answer", hint)


def fault_of_answer(
    status: int, headers: Mapping[str, str], body: bytes, endpoint: Endpoint
) -> Fault:
    """Report what an answer with a status other than 200 means.

    Statuses and codes of SiliconFlow: https://docs.siliconflow.cn/cn/faqs/error-code. What a
    server says of an input is not repeated: servers like to quote it.
    """
    name = endpoint.name
    code = code_of(body)
    match status:
        case HTTPStatus.UNAUTHORIZED:
            hint = f"check {endpoint.key_variable}"
            return Fault(Kind.PERMANENT, f"{name} refuses the API key (401)", hint)
        case HTTPStatus.PAYMENT_REQUIRED | HTTPStatus.FORBIDDEN:
            hint = "check the account's balance, its verification and what its key may do"
            return Fault(Kind.PERMANENT, f"{name} refuses the account ({status})", hint)
        case HTTPStatus.BAD_REQUEST | HTTPStatus.UNPROCESSABLE_ENTITY if code != _UNKNOWN_MODEL:
            coded = "" if code is None else f", code {code}"
            fault = Fault(Kind.REJECTED, f"{name} refuses what was sent ({status}{coded})")
        case HTTPStatus.REQUEST_ENTITY_TOO_LARGE:
            fault = Fault(Kind.REJECTED, f"{name} is sent too much at once (413)")
        case HTTPStatus.TOO_MANY_REQUESTS:
            hint, wait_s = "wait, or raise the account's limits", retry_after_s(headers)
            fault = Fault(Kind.UNREACHABLE, f"{name} is asked too often (429)", hint, wait_s)
        case HTTPStatus.BAD_GATEWAY | HTTPStatus.SERVICE_UNAVAILABLE | HTTPStatus.GATEWAY_TIMEOUT:
            message = f"{name} is overloaded or down ({status})"
            fault = Fault(Kind.UNREACHABLE, message, retry_after_s=retry_after_s(headers))
        case _ if (
            status == HTTPStatus.REQUEST_TIMEOUT or status >= HTTPStatus.INTERNAL_SERVER_ERROR
        ):
            fault = Fault(Kind.SERVER_ERROR, f"{name} failed ({status})")
        case _ if status < HTTPStatus.BAD_REQUEST:
            message = f"{name} answers {status}, and Sage is not sent elsewhere with its key"
            fault = Fault(Kind.PERMANENT, message, f"check {endpoint.url_variable}")
        case _:
            hint = f"check the name of the model and {endpoint.url_variable}"
            fault = Fault(Kind.PERMANENT, f"{name} knows no such model or address ({status})", hint)
    return fault


def code_of(body: bytes) -> int | None:
    """Find the number a provider gives its error, as in `{"code": 20015, "message": ...}`."""
    try:
        code = json.loads(body).get("code")
    except (ValueError, AttributeError, RecursionError):
        return None
    return code if isinstance(code, int) else None


def retry_after_s(headers: Mapping[str, str]) -> float | None:
    """Read the header Retry-After, seconds or a date (RFC 9110, 10.2.3); None when it has none."""
    value = headers.get("retry-after", "").strip()
    try:
        seconds = float(value)
    except ValueError:
        try:
            at = parsedate_to_datetime(value)
            seconds = (at.replace(tzinfo=at.tzinfo or UTC) - datetime.now(UTC)).total_seconds()
        except (ValueError, TypeError, OverflowError):
            return None
    return max(0.0, seconds) if math.isfinite(seconds) else None
