"""Limit how many invalid tokens an address may send, without locking out others."""

from __future__ import annotations

from collections import OrderedDict
from typing import TYPE_CHECKING

from sage.access.limits.client_address import subscriber_of
from sage.errors import RateLimitError

if TYPE_CHECKING:
    from sage.access.limits.token_buckets import TokenBuckets

_MAX_KNOWN = 1_024


class FailedTokens:
    """Counts invalid tokens by address, and remembers digests of tokens that were valid.

    Many people may share an address, one of whom sends invalid tokens. A token that was valid
    before, or has the form of one, is therefore looked up all the same: only the response to
    invalid ones changes.
    """

    def __init__(self, buckets: TokenBuckets) -> None:
        self._buckets = buckets
        self._known: OrderedDict[bytes, None] = OrderedDict()

    def excess(self, address: str) -> RateLimitError | None:
        """Return the error for an invalid token; None while the usual refusal applies."""
        wait_s = self._buckets.wait_s(subscriber_of(address))
        if not wait_s:
            return None
        return RateLimitError("too many invalid tokens from this address", retry_in_s=wait_s)

    def was_valid(self, digest: bytes) -> bool:
        """Return whether a token was valid when it was last looked up."""
        return digest in self._known

    def failed(self, address: str, digest: bytes) -> None:
        """Count an invalid token."""
        self._known.pop(digest, None)
        self._buckets.take(subscriber_of(address))

    def succeeded(self, digest: bytes) -> None:
        """Remember a valid token."""
        self._known[digest] = None
        self._known.move_to_end(digest)
        if len(self._known) > _MAX_KNOWN:
            self._known.popitem(last=False)
