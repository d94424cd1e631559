"""Imports of uploaded files: counts what is new, then imports it."""

from __future__ import annotations

import asyncio
import hashlib
from contextlib import suppress
from dataclasses import replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from sage.domain.file_imports import FileImport, FileImportList, FileState
from sage.domain.ids import new_memory_id, short_id
from sage.errors import InvalidInputError, NoRoomError, NotFoundError, RateLimitError
from sage.phrases import phrase
from sage.transfer.uploads.receiving import date_file, refuse_size, write_blocks
from sage.transfer.uploads.record import Record
from sage.transfer.uploads.slot import UploadSlot, slots_in
from sage.transfer.uploads.work import Work

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from pathlib import Path
    from uuid import UUID

    from sage.config.settings import Settings
    from sage.domain.imports import ImportScope, UndoneImport
    from sage.local.data_dir.locks import FileLock
    from sage.transfer.importing.service import ImportService
    from sage.transfer.uploads.options import FileOptions

_FOLDER = "uploads"
_MB = 1_000_000
_KEPT_S = 3_600.0
_SWEEP_EVERY_S = 300.0
_AT_WORK = 2
_MAX_FILES = 32
"""Of all people together."""
_RETRY_S = 10.0
_STOP_S = 10.0


class FileImports:
    """The uploads of one process; other processes with the same data directory share them."""

    def __init__(self, imports: ImportService, settings: Settings) -> None:
        self._imports = imports
        self._folder: Path = settings.data_dir / _FOLDER
        self._most_bytes = settings.imports.max_file_mb * _MB
        self._turns = asyncio.Semaphore(_AT_WORK)
        self._tasks: set[asyncio.Task[None]] = set()

    @property
    def most_bytes(self) -> int:
        """The maximum size of a file in bytes."""
        return self._most_bytes

    async def run(self) -> None:
        """Remove files that nobody imported within an hour, until cancelled."""
        while True:
            await asyncio.to_thread(self._sweep)
            await asyncio.sleep(_SWEEP_EVERY_S)

    async def close(self) -> None:
        """Stop running work; it can be started again."""
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    async def receive(
        self,
        importer: ImportScope,
        options: FileOptions,
        blocks: AsyncIterator[bytes],
        declared_bytes: int | None,
    ) -> FileImport:
        """Accept a file, and start to count what is new in it; return its state.

        It replaces the previous file of the same person. Raises InvalidInputError, TooLargeError,
        NoRoomError, RateLimitError while that is being processed, and what reading the blocks
        raises.
        """
        options = options.checked()
        slot = self._slot_of(importer)
        lock = await asyncio.to_thread(self._claimed, slot)
        try:
            await asyncio.to_thread(refuse_size, declared_bytes, self._most_bytes, self._folder)
            await asyncio.to_thread(slot.empty)
            slot.content.mkdir()
            path = slot.content / options.name
            size = await write_blocks(path, blocks, self._most_bytes)
            await asyncio.to_thread(date_file, path, options.written_at)
            file = FileImport(
                new_memory_id(), options.name, size, FileState.COUNTING, datetime.now(UTC)
            )
            record = Record(file, importer.space_id, options)
            await asyncio.to_thread(slot.write, record)
        except BaseException as error:
            with suppress(OSError):
                slot.empty()
            lock.close()
            if isinstance(error, OSError) and not isinstance(error, TimeoutError):
                raise _unwritable(error) from None
            raise
        self._begin(slot, lock, record, importer)
        return file

    async def list_files(self, importer: ImportScope) -> FileImportList:
        """List the file of a caller in a space, if there is one."""
        record = await asyncio.to_thread(self._record_of, self._slot_of(importer))
        is_here = record is not None and record.space_id == importer.space_id
        return FileImportList((record.file,) if record is not None and is_here else ())

    async def read(self, importer: ImportScope, import_id: UUID) -> FileImport:
        """Return the state of a file. Raises NotFoundError."""
        for file in (await self.list_files(importer)).files:
            if file.import_id == import_id:
                return file
        raise NotFoundError(
            phrase("you have no uploaded file {import_id}", import_id=short_id(import_id)),
            hint="of several servers, only the one that received a file has it: try again if that "
            "one is being restarted, or upload it again; imported messages remain, and nothing is "
            "stored twice",
        )

    async def start(self, importer: ImportScope, import_id: UUID) -> FileImport:
        """Start to import a file that was counted, or continue an interrupted import.

        Raises NotFoundError, InvalidInputError if it cannot be started.
        """
        await self.read(importer, import_id)
        slot = self._slot_of(importer)
        lock = await asyncio.to_thread(self._claimed, slot)
        try:
            await self.read(importer, import_id)
            record = _begun(await asyncio.to_thread(self._record_of, slot, is_held=True))
            await asyncio.to_thread(slot.write, record)
        except BaseException:
            lock.close()
            raise
        self._begin(slot, lock, record, importer)
        return record.file

    async def stop(self, importer: ImportScope, import_id: UUID) -> FileImportList:
        """Stop reading a file, or remove one that is not being read; return the remaining files.

        Memories that were imported from it remain. Raises NotFoundError.
        """
        await self.read(importer, import_id)
        await self._stop(self._slot_of(importer))
        return await self.list_files(importer)

    async def undo(self, importer: ImportScope, import_id: UUID) -> UndoneImport:
        """Stop an import if it is still running, and undo it for some seconds.

        Raises NotFoundError, StoreError.
        """
        own = self._slot_of(importer)
        for slot in await asyncio.to_thread(lambda: [*slots_in(self._folder)]):
            record = await asyncio.to_thread(slot.read)
            if record is None or record.file.import_id != import_id:
                continue
            if record.space_id == importer.space_id and (importer.sees_all or slot == own):
                await self._stop(slot)
                await self._stop(slot)  # nor is it listed any more
        return await self._imports.undo(importer, import_id)

    async def _stop(self, slot: UploadSlot) -> None:
        """Stop the work on a slot; empty a slot without any."""
        lock = await asyncio.to_thread(slot.claim)
        if lock is not None:
            with lock:
                await asyncio.to_thread(slot.empty)
            return
        await asyncio.to_thread(slot.ask_to_stop)
        after = await asyncio.to_thread(slot.claim, _STOP_S)
        if after is not None:
            after.close()

    def _begin(
        self, slot: UploadSlot, lock: FileLock, record: Record, importer: ImportScope
    ) -> None:
        work = Work(self._imports, slot, importer, self._most_bytes)
        task = asyncio.create_task(self._worked(work, lock, record))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _worked(self, work: Work, lock: FileLock, record: Record) -> None:
        with lock:
            async with self._turns:
                await work.do(record)

    def _claimed(self, slot: UploadSlot) -> FileLock:
        others = sum(one != slot and one.content.exists() for one in slots_in(self._folder))
        if others >= _MAX_FILES:
            raise RateLimitError("too many uploads at once", retry_in_s=_RETRY_S)
        try:
            lock = slot.claim()
        except OSError as error:
            raise _unwritable(error) from None
        if lock is None:
            raise RateLimitError(
                "another file of yours is being read: stop that, or wait for it",
                retry_in_s=_RETRY_S,
            )
        return lock

    def _slot_of(self, importer: ImportScope) -> UploadSlot:
        person = hashlib.sha256((importer.author or "").encode()).hexdigest()[:32]
        return UploadSlot(self._folder / person)

    @staticmethod
    def _record_of(slot: UploadSlot, *, is_held: bool = False) -> Record | None:
        """Return the record of a slot; work that no process does any more was interrupted."""
        record = slot.read()
        if record is None or not record.file.state.is_at_work:
            return record
        if is_held or not slot.is_at_work:
            after = slot.read()  # it may have ended in between
            if after is not None and after.file.state.is_at_work:
                return after.at(FileState.INTERRUPTED, *INTERRUPTED)
            return after
        return record

    def _sweep(self) -> None:
        for slot in slots_in(self._folder):
            with suppress(OSError):
                slot.sweep(older_than_s=_KEPT_S)


def _unwritable(error: OSError) -> NoRoomError:
    return NoRoomError(
        phrase("the data directory of Sage cannot be written: {reason}", reason=error.strerror),
        hint="make it writable, or import with `sage-client.pyz import`, which sends no files",
    )


def _begun(record: Record | None) -> Record:
    """Return the record of an upload that is started. Raises InvalidInputError."""
    if record is None or not record.file.can_start:
        raise InvalidInputError(
            "import_id",
            "{field}: this file cannot be imported now",
            hint="wait until it has been counted, or upload it again",
        )
    begun = record.at(FileState.IMPORTING if record.is_counted else FileState.COUNTING)
    return replace(begun, file=replace(begun.file, read_bytes=0).with_sources(()))


INTERRUPTED = (
    phrase("Sage was stopped while reading this file"),
    phrase("continue: imported messages remain, and nothing is stored twice"),
)
