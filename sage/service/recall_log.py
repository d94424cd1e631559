"""Records recalled memories in the recall log, without delaying the calls."""

from __future__ import annotations

import asyncio
from collections import OrderedDict, deque
from itertools import islice
from typing import TYPE_CHECKING

from sage.errors import SageError, StoreUnavailableError
from sage.retrieval.text.word_hashes import word_hashes
from sage.store.recalls import purge_recalls, read_word_keys, record_recalls
from sage.telemetry.logs import get_logger
from sage.telemetry.metrics.catalog import RECALLS

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from sage.config.settings import RecallSettings
    from sage.domain.recall_log import RecallRecord
    from sage.store.connections.pool import Database

_MAX_WAITING = 2_000
_BATCH = 200
_DELAY_S = 0.25
_FLUSH_TIMEOUT_S = 2.0
_PURGE_EVERY_S = 6 * 3600.0
_PURGE_AGAIN_S = 600.0
_MAX_KEYS = 10_000

log = get_logger(__name__)


class RecallLog:
    """Accepts records at once, and writes them a quarter of a second later, in batches.

    No call waits for it. Records that cannot be written, or come while many wait, are lost and
    counted: the log is there for people to look at, and an answer never depends on it.
    """

    def __init__(self, database: Database, settings: RecallSettings) -> None:
        self._database = database.for_background()
        self._settings = settings
        self._waiting: deque[RecallRecord] = deque()
        self._any = asyncio.Event()
        self._keys: OrderedDict[str, bytes] = OrderedDict()
        self.lost = 0
        """The number of occasions that were not recorded."""

    @property
    def is_on(self) -> bool:
        """Whether recalls are recorded."""
        return self._settings.log

    def add(self, recall: RecallRecord) -> None:
        """Accept a record, if recalls are recorded and it has memories. Raises nothing."""
        if not self._settings.log or not recall.memories:
            return
        if len(self._waiting) >= _MAX_WAITING:
            self._lose(1)
            return
        self._waiting.append(recall)
        self._any.set()

    async def run(self) -> None:
        """Write records, until cancelled."""
        while True:
            await self._any.wait()
            await asyncio.sleep(_DELAY_S)
            await self._write()

    async def close(self) -> None:
        """Write the remaining records, if the database accepts them within 2 s."""
        try:
            async with asyncio.timeout(_FLUSH_TIMEOUT_S):
                await self._write()
        except TimeoutError:
            log.warning("recalls_lost", recalls=len(self._waiting))
            self._lose(len(self._waiting))

    async def purge_periodically(self) -> None:
        """Delete records older than configured, at start and every six hours, until cancelled."""
        while True:
            try:
                async with self._database.across_spaces() as conn:
                    purged = await purge_recalls(conn, self._settings.log_days)
            except SageError as error:
                log.warning("recall_purge_failed", reason=error.message, retry_in_s=_PURGE_AGAIN_S)
                await asyncio.sleep(_PURGE_AGAIN_S)
            else:
                if purged:
                    log.info("recalls_purged", recalls=purged)
                await asyncio.sleep(_PURGE_EVERY_S)

    async def key_of(self, space_id: str) -> bytes | None:
        """Return the key with which the words of questions to a space are hashed, None without one.

        Raises StoreError.
        """
        return (await self._keys_of([space_id])).get(space_id)

    async def _write(self) -> None:
        """Write the waiting records. A batch leaves the queue when it is written, or lost."""
        self._any.clear()
        while self._waiting:
            batch = [*islice(self._waiting, _BATCH)]
            await self._write_batch(batch)
            for _ in batch:
                self._waiting.popleft()

    async def _write_batch(self, batch: Sequence[RecallRecord]) -> None:
        """Write a batch, in parts if the database rejects it: so one row does not lose others.

        A batch of spaces of several servers of which one is away is written by spaces.
        """
        try:
            written = await self._record(batch)
        except SageError as error:
            parts = self._parts(batch, error)
            if len(parts) > 1:
                for part in parts:
                    await self._write_batch(part)
                return
            self._lose(len(batch))
            log.warning("recalls_lost", reason=error.message, recalls=len(batch))
        else:
            RECALLS.labels("written").inc(written)

    def _parts(
        self, batch: Sequence[RecallRecord], error: SageError
    ) -> Sequence[Sequence[RecallRecord]]:
        """Return the parts to write apart after an error; the batch as it is if that is no use."""
        if not isinstance(error, StoreUnavailableError):
            middle = len(batch) // 2
            return [part for part in (batch[:middle], batch[middle:]) if part]
        if not self._database.absent_nodes:
            return [batch]
        by_space: dict[str, list[RecallRecord]] = {}
        for one in batch:
            by_space.setdefault(one.space_id, []).append(one)
        return list(by_space.values())

    async def _record(self, batch: Sequence[RecallRecord]) -> int:
        keys = await self._keys_of(sorted({one.space_id for one in batch}))
        known = [one for one in batch if one.space_id in keys]
        hashed = await asyncio.to_thread(_hashed, known, keys)
        async with self._database.across_spaces() as conn:
            await record_recalls(conn, zip(known, hashed, strict=True))
        return len(known)

    def _lose(self, count: int) -> None:
        self.lost += count
        RECALLS.labels("lost").inc(count)

    async def _keys_of(self, space_ids: Sequence[str]) -> dict[str, bytes]:
        if any(one not in self._keys for one in space_ids):
            async with self._database.across_spaces() as conn:
                self._keys.update(await read_word_keys(conn, space_ids))
        keys = {one: self._keys[one] for one in space_ids if one in self._keys}
        while len(self._keys) > _MAX_KEYS:
            self._keys.popitem(last=False)
        return keys


def _hashed(recalls: Sequence[RecallRecord], keys: Mapping[str, bytes]) -> list[tuple[int, ...]]:
    return [word_hashes(one.query, keys[one.space_id]) for one in recalls]
