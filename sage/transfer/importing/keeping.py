"""Store memories in batches, and count which of them are new."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from functools import partial
from typing import TYPE_CHECKING

from sage.access.accounts.spaces import identify_spaces
from sage.domain.masking import masked_memory
from sage.service.arriving import store_arrivals
from sage.store.replacements import link_known, with_new_links
from sage.store.space_masking import masking_spaces
from sage.store.transfer import known_among
from sage.transfer.importing.lexeme_workers import LexemeWorkers

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence
    from uuid import UUID

    from sage.domain.masking import MaskingPolicy
    from sage.domain.transfer import TransferredMemory
    from sage.store.connections.connection import Connection
    from sage.store.connections.pool import Database
    from sage.store.transfer import ArrivingMemory

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


@dataclass(frozen=True, slots=True)
class _Batch:
    """New memories, ready to be copied, and those that exist already.

    `linked` exist, and now replace further ones.
    """

    size: int
    arriving: Sequence[ArrivingMemory]
    linked: Sequence[TransferredMemory]
    differing: int


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
        LexemeWorkers() as workers,
    ):
        try:
            # While a batch is written, the next one is read and its lexemes are made.
            batches = _batches(memories)
            prepared = partial(_prepared, reading, workers, began, masking)
            ahead = asyncio.create_task(prepared(next(batches, ())))
            while (batch := await ahead).size:
                ahead = asyncio.create_task(prepared(next(batches, ())))
                added = 0
                if batch.arriving:
                    added = await store_arrivals(writing, batch.arriving, import_id)
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


async def _prepared(
    conn: Connection,
    workers: LexemeWorkers,
    began: datetime,
    masking: MaskingPolicy,
    memories: Sequence[TransferredMemory],
) -> _Batch:
    if not memories:
        return _Batch(0, (), (), 0)
    memories = await _in_their_spaces(conn, memories)
    spaces = {one.space_id for one in memories}
    masked = await masking_spaces(conn, spaces, by_default=masking.by_default)
    memories = [
        masked_memory(one, masking.known) if one.space_id in masked else one for one in memories
    ]
    known = await known_among(conn, memories)
    new, differing = [], 0
    for memory in memories:
        kept = known.get((memory.space_id, memory.memory_id))
        if kept is None:
            new.append(memory)
        else:
            differing += not memory.equals(kept)
    linked = with_new_links(memories, known)
    return _Batch(len(memories), await workers.add_lexemes(new, began), linked, differing)


async def _in_their_spaces(
    conn: Connection, memories: Sequence[TransferredMemory]
) -> Sequence[TransferredMemory]:
    """Return memories with the ids of spaces instead of names, as far as such spaces exist."""
    ids = await identify_spaces(conn, {one.space_id for one in memories})
    return [replace(one, space_id=ids.get(one.space_id, one.space_id)) for one in memories]
