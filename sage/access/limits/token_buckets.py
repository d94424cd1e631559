"""Token buckets: so many requests per minute for each key, in bounded memory.

The counts belong to the process. Each of several processes allows as many.
"""

from __future__ import annotations

import time
from collections import OrderedDict
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

MAX_BUCKETS = 8_192
_MINUTE_S = 60.0


class TokenBuckets:
    """A bucket for each key, which holds the requests of a minute and is refilled steadily.

    For each bucket only the time at which it will be full again is stored. With too many keys, the
    least recently used bucket is forgotten, and so is full: nobody is refused because of the number
    of others.
    """

    def __init__(
        self,
        per_minute: int,
        *,
        clock: Callable[[], float] = time.monotonic,
        most: int = MAX_BUCKETS,
    ) -> None:
        self.per_minute = per_minute
        self._refill_s = _MINUTE_S / per_minute if per_minute else 0.0
        self._clock = clock
        self._most = most
        self._full_at: OrderedDict[str, float] = OrderedDict()

    def wait_s(self, key: str) -> float:
        """Return for how many seconds the bucket of a key stays empty; 0 if it is not."""
        missing_s = self._full_at.get(key, 0.0) - self._clock()
        return max(missing_s + self._refill_s - _MINUTE_S, 0.0) if self.per_minute else 0.0

    def take(self, key: str) -> float:
        """Remove one request and return 0, or return for how many seconds the bucket is empty."""
        if wait_s := self.wait_s(key):
            return wait_s
        self._full_at[key] = max(self._full_at.get(key, 0.0), self._clock()) + self._refill_s
        self._full_at.move_to_end(key)
        if len(self._full_at) > self._most:
            self._full_at.popitem(last=False)
        return 0.0
