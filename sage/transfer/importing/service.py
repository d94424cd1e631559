"""Stores the lines sent to be imported, batch by batch; lists imports and undoes them."""

from __future__ import annotations

import asyncio
import time
from collections import Counter
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from functools import partial
from typing import TYPE_CHECKING, Any

from sage.domain.call_context import CallContext, current_call, use_call_context
from sage.domain.ids import new_memory_id, short_id
from sage.domain.imports import (
    MAX_LISTED,
    ImportList,
    ImportReceipt,
    ImportRecord,
    UndoneImport,
)
from sage.domain.masking import masked_memory
from sage.domain.transfer import LineReader
from sage.errors import NotFoundError, RateLimitError
from sage.phrases import phrase
from sage.service.arriving import not_later_than, store_arrivals
from sage.store.named_sql import query
from sage.store.replacements import link_known, with_new_links
from sage.store.space_masking import masking_spaces
from sage.store.transfer import known_among
from sage.transfer.importing.lexeme_workers import SharedLexemeWorkers
from sage.transfer.importing.sent_lines import ids_in, memories_in
from sage.transfer.importing.undo import undo_part

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Hashable, Mapping, Sequence
    from uuid import UUID

    from sage.domain.imports import ImportScope
    from sage.domain.masking import MaskingPolicy
    from sage.domain.transfer import TransferredMemory
    from sage.service.indexing import Indexer
    from sage.service.save_threads import CheckCancelled, SaveThreads
    from sage.service.schema_gate import SchemaGate
    from sage.store.connections.connection import Connection
    from sage.store.transfer import ArrivingMemory
    from sage.transfer.importing.sent_lines import SentLine

    _Known = Mapping[tuple[str, UUID], TransferredMemory]

_LIST = query("list_imports_of")
_FIND_IMPORTERS = query("find_importers")
_FIND_KNOWN = query("find_known_ids")

MAX_OPEN = 16
MAX_OPEN_OF_ONE = 4
_AT_WORK = 2
_RETRY_S = 5.0
_UNDO_S = 20.0
"""The duration of one call that undoes an import: proxies wait a minute for an answer."""


class ImportService:
    """The imports of one process; belongs to one event loop.

    The number of open streams is limited, and lower for one caller; two batches are processed at a
    time.
    """

    def __init__(
        self,
        schema_gate: SchemaGate,
        indexer: Indexer,
        *,
        masking: MaskingPolicy,
        threads: SaveThreads,
    ) -> None:
        self._database = schema_gate.database
        self._indexer = indexer
        self._masking = masking
        self._threads = threads
        self._working = asyncio.Semaphore(_AT_WORK)
        self._workers = SharedLexemeWorkers()
        self._open: Counter[Hashable] = Counter()

    async def close(self) -> None:
        """Stop the processes that make lexemes."""
        await self._workers.close()

    @asynccontextmanager
    async def receiving(
        self, importer: ImportScope, import_id: UUID | None, *, dry_run: bool
    ) -> AsyncIterator[Receiving]:
        """Receive lines for an import, a new one without an id; a dry run only counts.

        Raises RateLimitError if too many are open, NotFoundError for an import of another caller,
        StoreError.
        """
        # The lines are still arriving: nobody may wait for the end of them meanwhile.
        caller = CallContext(current_call().quota_key)
        if self._open.total() >= MAX_OPEN or self._open[caller.quota_key] >= MAX_OPEN_OF_ONE:
            raise RateLimitError("too many imports run at once", retry_in_s=_RETRY_S)
        self._open[caller.quota_key] += 1
        try:
            if import_id is not None:
                await self._require_own(importer, import_id)
            received = Receiving(self, importer, import_id or new_memory_id(), dry_run=dry_run)
            try:
                with use_call_context(caller):
                    yield received
            finally:
                await received.let_end()
        finally:
            self._open[caller.quota_key] -= 1
            self._open += Counter()  # without callers that have none

    async def list_imports(self, importer: ImportScope) -> ImportList:
        """List the imports that a caller may undo, the latest first. Raises StoreError."""
        return ImportList(await self._listed(importer, None))

    async def read_import(self, importer: ImportScope, import_id: UUID) -> ImportRecord:
        """Return one import. Raises NotFoundError, StoreError."""
        found = await self._listed(importer, import_id)
        if not found:
            raise _no_import(import_id)
        return found[0]

    async def undo(self, importer: ImportScope, import_id: UUID) -> UndoneImport:
        """Delete memories of an import, for some seconds. Raises NotFoundError, StoreError."""
        there = await self.read_import(importer, import_id)
        end, undone = time.monotonic() + _UNDO_S, 0
        while undone < there.memories and time.monotonic() < end:
            async with self._working, self._database.in_space(importer.space_id) as conn:
                deleted = await undo_part(conn, import_id, importer)
            undone += deleted
            if not deleted:
                break
        left = sum(one.memories for one in await self._listed(importer, import_id))
        return UndoneImport(import_id, undone, left)

    async def prepare(
        self, importer: ImportScope, reader: LineReader, lines: Sequence[SentLine]
    ) -> Prepared:
        """Prepare the new memories of some lines. Raises InvalidInputError, StoreError."""
        async with self._working:
            with self._indexer.activity.call():
                memories = await self._threads.run(
                    partial(memories_in, reader, importer.author, lines)
                )
                async with self._database.in_space(importer.space_id) as conn:
                    known = await known_among(conn, memories)
                    masks = await self._masks(conn, importer.space_id)
                return await self._prepared(memories, known, masks=masks)

    async def keep(self, importer: ImportScope, import_id: UUID, prepared: Prepared) -> LineCounts:
        """Store a prepared batch, all of it or nothing. Raises StoreError."""
        async with self._working:
            with self._indexer.activity.call():
                added = await self._keep(importer, import_id, prepared)
        if added:
            self._indexer.wake()
        lines = len(prepared.memories)
        return LineCounts(lines, added, lines - added, prepared.differing)

    async def count(
        self, importer: ImportScope, reader: LineReader, lines: Sequence[SentLine]
    ) -> LineCounts:
        """Count the new memories of some lines. Raises InvalidInputError, StoreError."""
        async with self._working:
            ids = await self._threads.run(partial(ids_in, reader, lines))
            async with self._database.in_space(importer.space_id) as conn:
                there = len(await conn.fetch(_FIND_KNOWN, importer.space_id, ids))
        return LineCounts(len(ids), len(ids) - there, there)

    async def _keep(self, importer: ImportScope, import_id: UUID, prepared: Prepared) -> int:
        if not prepared.memories:
            return 0
        while True:
            async with self._database.in_space(importer.space_id) as conn:
                if await self._masks(conn, importer.space_id) == prepared.masks:
                    added = 0
                    if prepared.arriving:
                        added = await store_arrivals(conn, prepared.arriving, import_id)
                    await link_known(conn, prepared.linked)
                    return added
            prepared = await self._prepared(
                prepared.memories, prepared.known, masks=not prepared.masks
            )

    async def _prepared(
        self, memories: Sequence[TransferredMemory], known: _Known, *, masks: bool
    ) -> Prepared:
        """Mask memories if set for their space, and make their lexemes.

        No connection is held meanwhile.
        """
        find = partial(_find_new, memories, known, self._masking, masks=masks)
        new, differing = await self._threads.run(find)
        arriving = await self._workers.add_lexemes(new, datetime.now(UTC)) if new else []
        return Prepared(
            memories, known, masks, arriving, with_new_links(memories, known), differing
        )

    async def _masks(self, conn: Connection, space_id: str) -> bool:
        return bool(await masking_spaces(conn, [space_id], by_default=self._masking.by_default))

    async def _require_own(self, importer: ImportScope, import_id: UUID) -> None:
        async with self._database.in_space(importer.space_id) as conn:
            foreign = await conn.fetchval(
                _FIND_IMPORTERS, importer.space_id, import_id, importer.author
            )
        if foreign and not importer.sees_all:
            raise _no_import(import_id)

    async def _listed(self, by: ImportScope, import_id: UUID | None) -> tuple[ImportRecord, ...]:
        async with self._database.in_space(by.space_id) as conn:
            rows = await conn.fetch(
                _LIST, by.space_id, by.sees_all, by.author, import_id, MAX_LISTED
            )
        return tuple(_record(row) for row in rows)


@dataclass(frozen=True, slots=True)
class Prepared:
    """A batch ready to be stored: new memories with their lexemes, and changed links."""

    memories: Sequence[TransferredMemory]
    known: _Known
    masks: bool
    arriving: Sequence[ArrivingMemory]
    linked: Sequence[TransferredMemory]
    differing: int


@dataclass(frozen=True, slots=True)
class LineCounts:
    """The outcome of some lines."""

    lines: int = 0
    added: int = 0
    there: int = 0
    differing: int = 0

    def __add__(self, other: LineCounts) -> LineCounts:
        """Return the sum of both."""
        return LineCounts(
            self.lines + other.lines,
            self.added + other.added,
            self.there + other.there,
            self.differing + other.differing,
        )


class Receiving:
    """The lines of one call, batch by batch; while one is stored, the next is prepared."""

    def __init__(
        self, service: ImportService, importer: ImportScope, import_id: UUID, *, dry_run: bool
    ) -> None:
        self.import_id = import_id
        self.dry_run = dry_run
        self._service = service
        self._importer = importer
        self._reader = LineReader(space_id=importer.space_id)
        self._done = LineCounts()
        self._keeping: asyncio.Task[LineCounts] | None = None

    async def take(self, lines: Sequence[SentLine]) -> None:
        """Store or count some lines. Raises InvalidInputError that names the line, StoreError."""
        if self.dry_run:
            self._done += await self._service.count(self._importer, self._reader, lines)
            return
        prepared = await self._service.prepare(self._importer, self._reader, lines)
        await self.flush()
        self._keeping = asyncio.create_task(
            self._service.keep(self._importer, self.import_id, prepared)
        )

    async def flush(self) -> None:
        """Wait until all received lines are stored. Raises StoreError."""
        keeping, self._keeping = self._keeping, None
        if keeping is not None:
            self._done += await keeping

    async def let_end(self) -> None:
        """Wait for the batch that is being stored, ignoring errors: the caller has left."""
        if self._keeping is not None:
            await asyncio.gather(self._keeping, return_exceptions=True)

    @property
    def receipt(self) -> ImportReceipt:
        """The outcome of the lines so far."""
        done = self._done
        return ImportReceipt(
            None if self.dry_run else self.import_id,
            done.lines,
            done.added,
            done.there,
            done.differing,
        )


def _find_new(
    memories: Sequence[TransferredMemory],
    known: _Known,
    masking: MaskingPolicy,
    check_cancelled: CheckCancelled,
    *,
    masks: bool,
) -> tuple[list[TransferredMemory], int]:
    """Return the memories that are not known, and how many of the others have another text."""
    new, differing, now = [], 0, datetime.now(UTC)
    for memory in memories:
        check_cancelled()
        dated = not_later_than(now, memory)
        one = masked_memory(dated, masking.known) if masks else dated
        kept = known.get((one.space_id, one.memory_id))
        if kept is None:
            new.append(one)
        else:
            differing += not replace(one, author=kept.author).equals(kept)
    return new, differing


def _record(row: Mapping[str, Any]) -> ImportRecord:
    return ImportRecord(**{**row, "sources": tuple(row["sources"])})


def _no_import(import_id: UUID) -> NotFoundError:
    return NotFoundError(
        phrase("you have no import {import_id}", import_id=short_id(import_id)),
        hint="GET /api/v1/imports lists those that you may undo",
    )
