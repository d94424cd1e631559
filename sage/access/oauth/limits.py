"""Limits of requests to the OAuth server: their form, their size, and their rate."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sage.access.limits.client_address import subscriber_of
from sage.access.limits.token_buckets import TokenBuckets
from sage.access.oauth.addresses import (
    AUTHORIZE_PATH,
    CONSENT_PATH,
    REGISTER_PATH,
    REVOKE_PATH,
    TOKEN_PATH,
)
from sage.errors import RateLimitError
from sage.phrases import phrase

if TYPE_CHECKING:
    from starlette.requests import Request

    from sage.access.limits.failed_tokens import FailedTokens

MAX_FIELDS = 32
_MEDIA_TYPE = "application/x-www-form-urlencoded"
_NUL = b"%00"  # no text in Postgres holds it


async def form_problem(request: Request) -> str | None:
    """Return why the parameters of a request must not be parsed; None if they may be."""
    form: bytes = request.scope["query_string"]
    if request.method != "GET":
        form = await request.body()
        media_type = request.headers.get("content-type", "").partition(";")[0].strip().lower()
        if form and media_type != _MEDIA_TYPE:
            return f"the body has to be {_MEDIA_TYPE}"
    if form.count(b"&") >= MAX_FIELDS:
        return f"there are more than {MAX_FIELDS} parameters"
    if _NUL in form:
        return "a parameter holds a NUL character"
    return None


PER_MINUTE = {
    REGISTER_PATH: 10,
    AUTHORIZE_PATH: 30,
    CONSENT_PATH: 60,
    TOKEN_PATH: 60,
    REVOKE_PATH: 60,
}
_FORM_BYTES, _REGISTRATION_BYTES = 16 * 1024, 8 * 1024
BODY_BYTES = dict.fromkeys(PER_MINUTE, _FORM_BYTES) | {REGISTER_PATH: _REGISTRATION_BYTES}


class OAuthLimits:
    """Limits the requests of each address, unless failed sign-ins are not limited either."""

    def __init__(self, failed_tokens: FailedTokens, *, is_on: bool) -> None:
        self.failed_tokens = failed_tokens
        self._buckets = {
            path: TokenBuckets(most if is_on else 0) for path, most in PER_MINUTE.items()
        }

    def take(self, request: Request) -> None:
        """Count a request. Raises RateLimitError if its address sent too many of the kind."""
        buckets = self._buckets[request.url.path]
        if wait_s := buckets.take(subscriber_of(request.scope["client_address"])):
            raise RateLimitError(
                phrase(
                    "too many requests: this address may send {per_minute} a minute to {path}",
                    per_minute=buckets.per_minute,
                    path=request.url.path,
                ),
                retry_in_s=wait_s,
            )
