"""Numbers of stored and waiting memories, counted only as often as necessary."""

from __future__ import annotations

import math
import time
from typing import TYPE_CHECKING

from sage.domain.memories import QueueStats
from sage.retrieval.message_classes.classification import RULES_VERSION
from sage.store import queue, stats
from sage.store.message_classes import count_unclassified
from sage.store.vector_indexes import read_index_build

if TYPE_CHECKING:
    from sage.domain.memories import IndexBuild
    from sage.store.connections.pool import Database

_KEPT_S = 5.0
_UNCLASSIFIED_KEPT_S = 60.0


class StoreCounts:
    """The latest figures; counting reads all of the data, and probes are frequent."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._kept_until = -math.inf
        self.memories: int | None = None
        self.queue = QueueStats(0, 0)
        self.queue_age_s = 0.0
        self.index_build: IndexBuild | None = None
        self.unclassed = 0
        self._unclassified_kept_until = -math.inf

    async def refresh(self) -> None:
        """Count again, unless done within the last 5 s. Raises StoreError."""
        if time.monotonic() < self._kept_until:
            return
        async with self._database.across_spaces() as conn:
            self.memories = await stats.memory_count(conn)
            self.queue = await queue.queue_stats(conn, None)
            self.queue_age_s = await queue.oldest_age_s(conn)
            self.index_build = await read_index_build(conn)
        self._kept_until = time.monotonic() + _KEPT_S

    async def refresh_unclassified(self) -> None:
        """Count unclassified memories, unless done within the last minute. Raises StoreError."""
        if time.monotonic() < self._unclassified_kept_until:
            return
        async with self._database.across_spaces() as conn:
            self.unclassed = await count_unclassified(conn, RULES_VERSION)
        self._unclassified_kept_until = time.monotonic() + _UNCLASSIFIED_KEPT_S
