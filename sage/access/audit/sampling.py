"""Of many events of one kind, a few: who needs no token could cause any number of them."""

from __future__ import annotations

import time
from collections import OrderedDict
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Hashable

_MAX_KINDS = 4_096


class EventSampler:
    """Takes one event of a kind in every interval, and counts the others.

    Where there are too many kinds, that which was taken the longest ago is forgotten.
    """

    def __init__(self, interval_s: float, clock: Callable[[], float] = time.monotonic) -> None:
        self._interval_s = interval_s
        self._clock = clock
        self._kinds: OrderedDict[Hashable, tuple[float, int]] = OrderedDict()

    def take(self, kind: Hashable) -> int | None:
        """Return how many were passed over since the last one taken; None to pass this one over."""
        now = self._clock()
        next_at, passed_over = self._kinds.get(kind, (now, 0))
        if now < next_at:
            self._kinds[kind] = (next_at, passed_over + 1)
            return None
        self._kinds[kind] = (now + self._interval_s, 0)
        self._kinds.move_to_end(kind)
        if len(self._kinds) > _MAX_KINDS:
            self._kinds.popitem(last=False)
        return passed_over
