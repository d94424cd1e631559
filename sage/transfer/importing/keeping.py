"""Store memories in batches, and count which of them are new."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from functools import cached_property
from typing import TYPE_CHECKING

from sage.access.accounts.spaces import identify_spaces
from sage.domain.masking import masked_memory
from sage.service.arriving import store_arrivals
from sage.service.classification import classify_arrivals
from sage.store.replacements import link_known, with_new_links
from sage.store.space_masking import masking_spaces
from sage.store.transfer import ArrivingMemory, known_among
from sage.transfer.importing.word_cutting import WordCutter

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence
    from uuid import UUID

    from sage.domain.masking import MaskingPolicy
    from sage.domain.transfer import TransferredMemory
    from sage.store.connections.connection import Connection
    from sage.store.connections.pool import Database
    from sage.store.message_classes import ClassChange, StoredClass

_BATCH_MEMORIES = 2_000
_BATCH_CHARS = 4_000_000


@dataclass(frozen=True, slots=True)
class Imported:
    """The outcome of an import. Existing memories stay as they were.

    `differing` of those have another text in the file.
    """

    added: int = 0
    there: int = 0
    differing: int = 0


@dataclass(frozen=True)
class _Batch:
    """New memories, ready to be copied, and those that exist already.

    `changes` to classes of existing memories come with what is classified already. `linked`
    ones exist, and now replace further ones.
    """

    size: int = 0
    arriving: Sequence[ArrivingMemory] = ()
    changes: Sequence[ClassChange] = ()
    linked: Sequence[TransferredMemory] = ()
    differing: int = 0

    def touches(self, memory: TransferredMemory) -> bool:
        """Return whether writing it may change what the session of a memory holds."""
        return self.replaces or (memory.space_id, memory.session_id) in self.sessions

    @cached_property
    def replaces(self) -> bool:
        """Whether it supersedes memories, which may be of any session."""
        return bool(self.linked) or any(one.memory.replaces for one in self.arriving)

    @cached_property
    def sessions(self) -> frozenset[tuple[str, str]]:
        """The spaces and sessions that it adds to."""
        return frozenset((one.memory.space_id, one.memory.session_id) for one in self.arriving)


async def import_memories(
    database: Database,
    memories: Iterable[TransferredMemory],
    advance: Callable[[int], None],
    import_id: UUID,
    *,
    masking: MaskingPolicy,
) -> Imported:
    """Store memories in batches, each whole or not at all; `advance` receives each.

    New memories are marked with `import_id`, by which the import can be undone.

    A memory that exists already, also a forgotten one, is skipped, but the memories that it
    replaces are superseded now: so an import that was interrupted, in whatever way, continues when
    it is run again from the beginning. The vectors follow through the queue. Raises StoreError, and
    what reading `memories` raises.
    """
    began = datetime.now(UTC)
    done = Imported()
    ahead: asyncio.Task[_Batch] | None = None
    async with (
        database.maintenance_connection() as reading,
        database.maintenance_connection() as writing,
        WordCutter() as cutter,
    ):
        try:
            # While a batch is written, the next is read and classified, and its lexemes are made.
            batches = _batches(memories)
            preparer = _Preparer(reading, cutter, began, masking)
            ahead = asyncio.create_task(preparer.prepare(next(batches, ()), _Batch()))
            while (batch := await ahead).size:
                ahead = asyncio.create_task(preparer.prepare(next(batches, ()), batch))
                added = 0
                if batch.arriving:
                    added = await store_arrivals(
                        writing, batch.arriving, import_id, changes=batch.changes
                    )
                await link_known(writing, batch.linked)
                done = Imported(
                    done.added + added,
                    done.there + batch.size - added,
                    done.differing + batch.differing,
                )
                advance(batch.size)
        finally:
            if ahead is not None:
                ahead.cancel()
                await asyncio.gather(ahead, return_exceptions=True)
    return done


async def count_new(database: Database, memories: Iterable[TransferredMemory]) -> Imported:
    """Count what an import of memories would do. Raises as `import_memories` does."""
    done = Imported()
    async with database.across_spaces() as conn:
        for batch in _batches(memories):
            there = len(await known_among(conn, await _in_their_spaces(conn, batch)))
            done = Imported(done.added + len(batch) - there, done.there + there)
    return done


def _batches(memories: Iterable[TransferredMemory]) -> Iterator[list[TransferredMemory]]:
    batch: list[TransferredMemory] = []
    chars = 0
    for memory in memories:
        batch.append(memory)
        chars += len(memory.message.content)
        if len(batch) >= _BATCH_MEMORIES or chars >= _BATCH_CHARS:
            yield batch
            batch, chars = [], 0
    if batch:
        yield batch


@dataclass(frozen=True, slots=True)
class _Preparer:
    conn: Connection
    cutter: WordCutter
    began: datetime
    masking: MaskingPolicy

    async def prepare(self, memories: Sequence[TransferredMemory], written: _Batch) -> _Batch:
        """Prepare a batch while another one is `written`, whose sessions are classified later."""
        if not memories:
            return _Batch()
        memories = await self._masked(await _in_their_spaces(self.conn, memories))
        known = await known_among(self.conn, memories)
        new, differing = [], 0
        for memory in memories:
            kept = known.get((memory.space_id, memory.memory_id))
            if kept is None:
                new.append(memory)
            else:
                differing += not memory.equals(kept)
        linked = with_new_links(memories, known)
        cutting = asyncio.create_task(self.cutter.cut(new, self.began))
        try:
            settled = [one for one in new if not written.touches(one)]
            classes, changes = await self._classes_of(settled)
            arriving = [replace(one, classed=classes.get(_key(one))) for one in await cutting]
        finally:
            cutting.cancel()
        return _Batch(len(memories), arriving, changes, linked, differing)

    async def _masked(self, memories: Sequence[TransferredMemory]) -> Sequence[TransferredMemory]:
        spaces = {one.space_id for one in memories}
        masked = await masking_spaces(self.conn, spaces, by_default=self.masking.by_default)
        return [
            masked_memory(one, self.masking.known) if one.space_id in masked else one
            for one in memories
        ]

    async def _classes_of(
        self, memories: Sequence[TransferredMemory]
    ) -> tuple[dict[tuple[str, UUID], StoredClass | None], list[ClassChange]]:
        """Return the classes of new memories, and the changed classes of existing ones."""
        arriving = [
            ArrivingMemory(one, one.message.created_at or self.began, "") for one in memories
        ]
        classed, changes = await classify_arrivals(self.conn, arriving)
        return {_key(one): one.classed for one in classed}, changes


def _key(arriving: ArrivingMemory) -> tuple[str, UUID]:
    return arriving.memory.space_id, arriving.memory.memory_id


async def _in_their_spaces(
    conn: Connection, memories: Sequence[TransferredMemory]
) -> Sequence[TransferredMemory]:
    """Return memories with the ids of spaces instead of names, as far as such spaces exist."""
    ids = await identify_spaces(conn, {one.space_id for one in memories})
    return [replace(one, space_id=ids.get(one.space_id, one.space_id)) for one in memories]
