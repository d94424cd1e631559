"""How Sage is, for the foot of every page: whether it works, and how many spaces it has."""

from __future__ import annotations

import time
from contextlib import suppress
from typing import TYPE_CHECKING

from sage.errors import StoreError

if TYPE_CHECKING:
    from sage.bootstrap import Services
    from sage.domain.health import Status

_KEPT_S = 10.0


class StatusCache:
    """Knows how Sage is; looked at once in ten seconds, however many pages are asked for."""

    def __init__(self) -> None:
        self._known: Status | None = None
        self._until = 0.0
        self._spaces = 0
        self._spaces_until = 0.0

    async def of(self, services: Services) -> Status | None:
        """Return how Sage is; None while the first look is under way."""
        now = time.monotonic()
        if now >= self._until:
            self._until = now + _KEPT_S
            self._known = (await services.health.summary()).status
        return self._known

    async def spaces(self, services: Services) -> int:
        """Return how many spaces there are, as far as that is known."""
        now = time.monotonic()
        if now >= self._spaces_until:
            self._spaces_until = now + _KEPT_S
            with suppress(StoreError):
                self._spaces = await services.accounts.count_spaces()
        return self._spaces
