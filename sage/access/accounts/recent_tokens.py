"""Remembers for a moment what tokens opened when they were looked up.

That alone opens nothing: the first statement of a request checks that it is still true.
"""

from __future__ import annotations

import time
from collections import OrderedDict
from typing import TYPE_CHECKING

from sage.store.token_check import TokenCheck

if TYPE_CHECKING:
    from sage.domain.caller import Principal

_MAX_TOKENS = 1_024
_LASTS_S = 20.0
"""Shorter than the minute after which the use of a token is recorded again."""


class RecentTokens:
    """What the tokens opened that were looked up in the last 20 s, by their digests."""

    def __init__(self, server_digest: bytes | None = None) -> None:
        self._server_digest = server_digest
        self._tokens: OrderedDict[bytes, tuple[tuple[Principal, str] | None, float]] = OrderedDict()

    def add(self, shown: bytes, principal: Principal, version: str) -> None:
        """Remember a token that was just looked up, and the version of what it opens.

        Not if it was dropped in the last 20 s: where checks always fail, few are made.
        """
        if not self._is_kept(shown):
            self._keep(shown, (principal, version))

    def get(self, shown: bytes) -> tuple[Principal, TokenCheck] | None:
        """Return who showed a token, and the check to make; None where that is not remembered."""
        if not self._is_kept(shown) or (recent := self._tokens[shown][0]) is None:
            return None
        principal, version = recent
        return principal, TokenCheck(shown, self._server_digest, version)

    def drop(self, shown: bytes) -> None:
        """Forget a token that does not open what it did."""
        self._keep(shown, None)

    def _is_kept(self, shown: bytes) -> bool:
        return shown in self._tokens and time.monotonic() < self._tokens[shown][1]

    def _keep(self, shown: bytes, recent: tuple[Principal, str] | None) -> None:
        self._tokens[shown] = recent, time.monotonic() + _LASTS_S
        self._tokens.move_to_end(shown)
        if len(self._tokens) > _MAX_TOKENS:
            self._tokens.popitem(last=False)
