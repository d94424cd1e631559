"""How Sage is, for the dot at the foot of every page."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from sage.bootstrap import Services
    from sage.domain.health import Status

_KEPT_S = 10.0


class State:
    """Knows how Sage is; looked at once in ten seconds, however many pages are asked for."""

    def __init__(self) -> None:
        self._known: Status | None = None
        self._until = 0.0

    async def of(self, services: Services) -> Status | None:
        """Return how Sage is; None while the first look is under way."""
        now = time.monotonic()
        if now >= self._until:
            self._until = now + _KEPT_S
            self._known = (await services.health.summary()).status
        return self._known
