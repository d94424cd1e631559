"""Token buckets: so many requests a minute for each key, in bounded memory.

The counts belong to the process. With several processes, each allows as many.
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
    """A bucket for each key, which holds a minute's worth of requests and is refilled steadily.

    Of a bucket only the time is kept at which it will be full again. Where there are too many, that
    which was used the longest ago is forgotten, and so is full: nobody is refused for the number of
    others.
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
        """Return for how long the bucket of a key stays empty; 0 where a request may be taken."""
        missing_s = self._full_at.get(key, 0.0) - self._clock()
        return max(missing_s + self._refill_s - _MINUTE_S, 0.0) if self.per_minute else 0.0

    def take(self, key: str) -> float:
        """Remove one request and return 0, or return for how long the bucket stays empty."""
        if wait_s := self.wait_s(key):
            return wait_s
        self._full_at[key] = max(self._full_at.get(key, 0.0), self._clock()) + self._refill_s
        self._full_at.move_to_end(key)
        if len(self._full_at) > self._most:
            self._full_at.popitem(last=False)
        return 0.0
