"""Failures of a call to a provider, classified by what to do about them."""

from __future__ import annotations

import json
import math
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from enum import Enum, auto
from http import HTTPStatus
from typing import TYPE_CHECKING

from sage.errors import ProviderUnavailableError
from sage.phrases import phrase

if TYPE_CHECKING:
    from collections.abc import Mapping

    from sage.providers.remote.endpoints import Endpoint

_UNKNOWN_MODEL = 20012


class FaultKind(Enum):
    """How a fault is handled."""

    UNREACHABLE = auto()
    """The provider is unreachable or overloaded: retry later."""
    SERVER_ERROR = auto()
    """The provider was reached and failed: retry; the input may be the cause."""
    PERMANENT = auto()
    """Every request fails until the configuration or the account is changed."""
    REJECTED = auto()
    """The provider rejects this input."""


@dataclass(frozen=True, slots=True)
class Fault:
    """One failed attempt. `message` and `hint` never contain input, a key or a host."""

    kind: FaultKind
    message: str
    hint: str = ""
    retry_after_s: float | None = None


class ServerFailedError(ProviderUnavailableError):
    """The provider was reached and failed on every attempt; the input may be the cause."""


class FaultError(Exception):
    """Carries a fault out of the attempt that failed."""

    def __init__(self, fault: Fault) -> None:
        super().__init__(fault.message)
        self.fault = fault


class MalformedResponseError(Exception):
    """A response does not have the documented form; the hint names a setting that may be wrong.

    The message names the provider as `{name}`.
    """

    def __init__(self, message: str, *, hint: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.hint = hint


def response_fault(
    status: int, headers: Mapping[str, str], body: bytes, endpoint: Endpoint
) -> Fault:
    """Return the fault of a response with a status other than 200.

    SiliconFlow's statuses and codes: https://docs.siliconflow.cn/cn/faqs/error-code. The body is
    not repeated, since servers quote the input in it.
    """
    name = endpoint.name
    code = error_code(body)
    match status:
        case HTTPStatus.UNAUTHORIZED:
            hint = phrase("check {setting}", setting=endpoint.key_variable)
            return Fault(
                FaultKind.PERMANENT, phrase("{name} rejected the API key (401)", name=name), hint
            )
        case HTTPStatus.PAYMENT_REQUIRED | HTTPStatus.FORBIDDEN:
            hint = "check the account's balance and verification, and the permissions of its key"
            return Fault(
                FaultKind.PERMANENT,
                phrase("{name} rejected the account ({status})", name=name, status=status),
                hint,
            )
        case HTTPStatus.BAD_REQUEST | HTTPStatus.UNPROCESSABLE_ENTITY if code != _UNKNOWN_MODEL:
            fault = Fault(
                FaultKind.REJECTED,
                phrase(
                    "{name} rejected the input ({status})"
                    if code is None
                    else "{name} rejected the input ({status}, code {code})",
                    name=name,
                    status=status,
                    code=0 if code is None else code,
                ),
            )
        case HTTPStatus.REQUEST_ENTITY_TOO_LARGE:
            fault = Fault(
                FaultKind.REJECTED,
                phrase("{name} rejected the request as too large (413)", name=name),
            )
        case HTTPStatus.TOO_MANY_REQUESTS:
            hint, wait_s = "wait, or raise the account's rate limits", parse_retry_after(headers)
            fault = Fault(
                FaultKind.UNREACHABLE,
                phrase("{name}: rate limit exceeded (429)", name=name),
                hint,
                wait_s,
            )
        case HTTPStatus.BAD_GATEWAY | HTTPStatus.SERVICE_UNAVAILABLE | HTTPStatus.GATEWAY_TIMEOUT:
            message = phrase("{name} is overloaded or down ({status})", name=name, status=status)
            hint, wait_s = "try again later", parse_retry_after(headers)
            fault = Fault(FaultKind.UNREACHABLE, message, hint, wait_s)
        case _ if (
            status == HTTPStatus.REQUEST_TIMEOUT or status >= HTTPStatus.INTERNAL_SERVER_ERROR
        ):
            fault = Fault(
                FaultKind.SERVER_ERROR,
                phrase("{name} failed ({status})", name=name, status=status),
                "try again later",
            )
        case _ if status < HTTPStatus.BAD_REQUEST:
            message = phrase(
                "{name} responded with {status}; redirects are not followed",
                name=name,
                status=status,
            )
            fault = Fault(
                FaultKind.PERMANENT,
                message,
                phrase("check {setting}", setting=endpoint.url_variable),
            )
        case _:
            hint = phrase(
                "check the name of the model and {setting}", setting=endpoint.url_variable
            )
            fault = Fault(
                FaultKind.PERMANENT,
                phrase("{name} has no such model or path ({status})", name=name, status=status),
                hint,
            )
    return fault


def error_code(body: bytes) -> int | None:
    """Return the numeric code of an error body such as `{"code": 20015, "message": ...}`."""
    try:
        code = json.loads(body).get("code")
    except (ValueError, AttributeError, RecursionError):
        return None
    return code if isinstance(code, int) else None


def parse_retry_after(headers: Mapping[str, str]) -> float | None:
    """Return the seconds of Retry-After, which may be a date (RFC 9110, 10.2.3), or None."""
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
