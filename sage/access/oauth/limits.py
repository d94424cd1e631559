"""How much an address may ask of the OAuth server a minute, and how large a request may be."""

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
    """Bounds the requests of each address, unless its invalid tokens are not bounded either."""

    def __init__(self, failed_tokens: FailedTokens, *, is_on: bool) -> None:
        self.failed_tokens = failed_tokens
        self._buckets = {
            path: TokenBuckets(most if is_on else 0) for path, most in PER_MINUTE.items()
        }

    def take(self, request: Request) -> None:
        """Count a request. Raises RateLimitError where its address sent too many of the kind."""
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
