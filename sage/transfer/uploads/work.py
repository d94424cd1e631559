"""Counts or imports one uploaded file, and records the progress."""

from __future__ import annotations

import asyncio
import time
from contextlib import asynccontextmanager
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from sage.domain.call_context import CallContext, use_call_context
from sage.domain.file_imports import FileSource, FileState
from sage.errors import InvalidInputError, SageError
from sage.phrases import phrase
from sage.telemetry.logs import get_logger
from sage.transfer.uploads.reader_process import reading
from sage.transfer.uploads.record import sample_from, source_from, time_from
from sage.transfer.uploads.texts import read

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Mapping

    from sage.domain.imports import ImportReceipt, ImportScope
    from sage.transfer.importing.service import ImportService, Receiving
    from sage.transfer.uploads.reader_process import UploadReading
    from sage.transfer.uploads.record import Record
    from sage.transfer.uploads.slot import UploadSlot

_UNPACKED_FACTOR = 16
"""The limit of the content of a zip, in maximum file sizes: exports shrink to a fifth or a
tenth."""
_RECORD_EVERY_S = 0.5
_LOOK_EVERY_S = 0.25
_MAX_SAMPLES = 5

log = get_logger(__name__)


class Work:
    """The work on a slot, whose lock is held meanwhile."""

    def __init__(
        self, imports: ImportService, slot: UploadSlot, importer: ImportScope, most_bytes: int
    ) -> None:
        self._imports = imports
        self._slot = slot
        self._importer = importer
        self._most_bytes = most_bytes * _UNPACKED_FACTOR

    async def do(self, record: Record) -> None:
        """Count what is new in a file, or import it. Raises nothing: failures are in the record."""
        importing = record.file.state is FileState.IMPORTING
        progress = _ImportProgress(record)
        try:
            await self._read(progress, importing=importing)
        except (_UnreadableFileError, InvalidInputError) as error:
            ended = progress.record.at(FileState.REFUSED, error.message, error.hint)
        except SageError as error:
            ended = progress.record.at(FileState.INTERRUPTED, error.message, error.hint)
        except asyncio.CancelledError:
            self._slot.write(progress.record)  # its readers see that no process works on it
            raise
        except Exception:
            log.exception("file_import_failed", import_id=str(record.file.import_id))
            ended = progress.record.at(FileState.INTERRUPTED, *_FAILED)
        else:
            ended = progress.record.at(FileState.IMPORTED if importing else FileState.COUNTED)
            ended = replace(ended, is_counted=True)
        if self._slot.is_to_stop:
            ended = progress.record.at(FileState.STOPPED)
            if not importing:  # there is nothing to report
                self._slot.empty()
                return
        if not ended.file.can_start:
            self._slot.drop_content()
        self._slot.write(ended)

    async def _read(self, progress: _ImportProgress, *, importing: bool) -> None:
        """Read the whole file. Raises _RefusedError if that is not possible, StoreError."""
        record = progress.record
        import_id = record.file.import_id
        caller = CallContext(("file", self._importer.author))
        with use_call_context(caller):
            async with (
                self._imports.receiving(
                    self._importer, import_id, dry_run=not importing
                ) as receiving,
                reading(
                    self._slot.content,
                    record.options,
                    importing=importing,
                    most_bytes=self._most_bytes,
                ) as process,
                self._recording(progress, process),
            ):
                await _work_through(process, receiving, progress)

    @asynccontextmanager
    async def _recording(
        self, progress: _ImportProgress, process: UploadReading
    ) -> AsyncIterator[None]:
        """Record the progress now and then, and stop when that is requested."""

        async def watch() -> None:
            recorded_at = 0.0
            while True:
                await asyncio.sleep(_LOOK_EVERY_S)
                if await asyncio.to_thread(lambda: self._slot.is_to_stop):
                    process.stop()
                elif time.monotonic() - recorded_at >= _RECORD_EVERY_S:
                    await asyncio.to_thread(self._slot.write, progress.record)
                    recorded_at = time.monotonic()

        watching = asyncio.create_task(watch())
        try:
            yield
        finally:
            watching.cancel()
            await asyncio.gather(watching, return_exceptions=True)


async def _work_through(
    process: UploadReading, receiving: Receiving, progress: _ImportProgress
) -> None:
    async for part in process.parts():
        if not isinstance(part, dict):
            await receiving.take(part)  # type: ignore[arg-type] # a batch of lines
            progress.became(receiving.receipt)
            continue
        if part["event"] == "read":
            await receiving.flush()
            progress.became(receiving.receipt)
        progress.apply(part)
    await receiving.flush()
    progress.became(receiving.receipt)
    if not progress.has_ended:
        raise _UnreadableFileError(*_DIED)


class _UnreadableFileError(Exception):
    """A file cannot be read, with the reason and the fix."""

    def __init__(self, message: str, hint: str) -> None:
        super().__init__(message)
        self.message, self.hint = message, hint


class _ImportProgress:
    """Combines the events of the reader with the results of the import."""

    def __init__(self, record: Record) -> None:
        self.record = record.with_file(sources=(), sample=(), notes=(), read_bytes=0)
        self.has_ended = False
        self._before: ImportReceipt | None = None
        self._receipt: ImportReceipt | None = None

    def became(self, receipt: ImportReceipt) -> None:
        """Record the outcome of the lines so far."""
        self._receipt = receipt
        before = self._before
        self._change(
            added=receipt.added - (before.added if before else 0),
            there=receipt.there - (before.there if before else 0),
        )

    def apply(self, part: Mapping[str, Any]) -> None:
        """Apply an event of the reader. Raises _RefusedError if the reader rejects the file."""
        match part["event"]:
            case "found":
                self.record = self.record.with_file(
                    total_bytes=part["total_bytes"], notes=tuple(map(read, part["notes"]))
                )
            case "source":
                self._before = self._receipt
                file = self.record.file
                new = FileSource(part["source"], part["files"])
                self.record = replace(self.record, file=file.with_sources((*file.sources, new)))
            case "at" | "read":
                problems = source_from({"source": "", "problems": part["problems"]}).problems
                self._change(**part["counts"], problems=problems)
                self.record = self.record.with_file(read_bytes=part["read_bytes"])
                if part["event"] == "read":
                    self._has_read(part)
            case "refused":
                notes = tuple(map(read, part["notes"]))
                self.record = self.record.with_file(notes=notes)
                raise _UnreadableFileError(read(part["message"]), read(part["hint"]))
            case "end":
                self.has_ended = True

    def _has_read(self, part: Mapping[str, Any]) -> None:
        file, source = self.record.file, self.record.file.sources[-1].source
        own = [sample_from({**one, "source": source}) for one in part["sample"]]
        first, last = time_from(part["first_at"]), time_from(part["last_at"])
        self.record = self.record.with_file(
            sample=(*file.sample, *own)[:_MAX_SAMPLES],
            first_at=min(filter(None, (file.first_at, first)), default=None),
            last_at=max(filter(None, (file.last_at, last)), default=None),
        )

    def _change(self, **changes: Any) -> None:  # noqa: ANN401 - as `replace` takes them
        file = self.record.file
        if file.sources:
            current = replace(file.sources[-1], **changes)
            self.record = replace(
                self.record, file=file.with_sources((*file.sources[:-1], current))
            )


_DIED = (
    phrase("the process that read this file exited early"),
    phrase("import it with `sage import` or `sage-client.pyz import`, on the machine where it is"),
)
_FAILED = (
    phrase("Sage failed while reading this file"),
    phrase("continue, and see Sage's log if it fails again"),
)
