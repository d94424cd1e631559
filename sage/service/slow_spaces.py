"""Spaces whose vectors take too long to compare: they are searched by words alone for a while."""

from __future__ import annotations

import time
from typing import TypeAlias

_KEPT_S = 30.0

Place: TypeAlias = tuple[str, int]
"""A space, and the id of the model whose vectors are compared."""


class SlowSpaces:
    """Remembers for half a minute which they are, so that not each search waits in vain."""

    def __init__(self) -> None:
        self._until: dict[Place, float] = {}

    def __contains__(self, place: Place) -> bool:
        """Return whether a space was slow a moment ago."""
        return time.monotonic() < self._until.get(place, 0.0)

    def add(self, place: Place) -> None:
        """Remember a space that was slow just now."""
        now = time.monotonic()
        self._until = {one: until for one, until in self._until.items() if now < until}
        self._until[place] = now + _KEPT_S
