"""Bounds how many invalid tokens an address may show, without shutting others out."""

from __future__ import annotations

from collections import OrderedDict
from typing import TYPE_CHECKING

from sage.errors import RateLimitError
from sage.rate_limits.client_address import subscriber_of

if TYPE_CHECKING:
    from sage.rate_limits.token_buckets import TokenBuckets

_MAX_KNOWN = 1_024


class FailedTokens:
    """Counts invalid tokens for each address, and remembers digests of tokens that were valid.

    Many people may share an address, one of whom shows invalid tokens. A token that was valid
    before is therefore looked up all the same: remembering it opens nothing.
    """

    def __init__(self, buckets: TokenBuckets) -> None:
        self._buckets = buckets
        self._known: OrderedDict[bytes, None] = OrderedDict()

    def excess(self, address: str, digest: bytes) -> RateLimitError | None:
        """Return why a token is not looked up; None where it may be."""
        wait_s = self._buckets.wait_s(subscriber_of(address))
        if not wait_s or digest in self._known:
            return None
        return RateLimitError("too many invalid tokens from this address", retry_in_s=wait_s)

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
