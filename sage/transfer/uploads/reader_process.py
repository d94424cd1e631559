"""The output of the process that reads a file: batches of lines, and events in between."""

from __future__ import annotations

import asyncio
import json
import sys
from contextlib import asynccontextmanager, suppress
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeAlias

from sage.transfer.importing.sent_lines import SentLine
from sage.transfer.uploads.reader import MARK

if TYPE_CHECKING:
    from asyncio.subprocess import Process
    from collections.abc import AsyncIterator, Mapping, Sequence

    from sage.transfer.uploads.options import FileOptions

    Read: TypeAlias = "Sequence[SentLine] | Mapping[str, Any]"

_SOURCES = str(Path(__file__).parents[3])
_PROGRAM = ("-P", "-B", "-X", "utf8", "-m", "sage.transfer.uploads.reader")
_BATCH_LINES = 800
_BATCH_IDS = 4_000
_BATCH_BYTES = 1_000_000
_BLOCK_BYTES = 65_536


@asynccontextmanager
async def reading(
    folder: Path, options: FileOptions, *, importing: bool, most_bytes: int
) -> AsyncIterator[UploadReading]:
    """Read the file in a folder with a separate process, which ends with the block.

    It inherits no environment variables: some contain secrets. Raises OSError.
    """
    asked = {**asdict(options), "importing": importing, "most_bytes": most_bytes}
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, *_PROGRAM, str(folder), json.dumps(asked)),
        stdin=asyncio.subprocess.DEVNULL,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.DEVNULL,
        env={"PYTHONPATH": _SOURCES, "HOME": str(folder)},
    )
    try:
        yield UploadReading(process, _BATCH_LINES if importing else _BATCH_IDS)
    finally:
        with suppress(ProcessLookupError):
            process.kill()
        while process.stdout is not None and await process.stdout.read(_BLOCK_BYTES):
            pass  # output that was read to its end is closed
        await process.wait()


class UploadReading:
    """The memories and events of a file that is being read."""

    def __init__(self, process: Process, batch_lines: int) -> None:
        self._process = process
        self._batch_lines = batch_lines

    def stop(self) -> None:
        """Stop reading."""
        with suppress(ProcessLookupError):
            self._process.kill()

    async def parts(self) -> AsyncIterator[Read]:
        """Yield the memories of each source in batches, and its events.

        While a batch is processed no more is read, so that the process has to wait.
        """
        number, batch, size = 0, list[SentLine](), 0
        async for line in self._lines():
            if line.startswith(MARK):
                event = json.loads(line[len(MARK) :])
                if batch and event["event"] != "at":
                    yield batch
                    batch, size = [], 0
                yield event
                continue
            number += 1
            batch.append(SentLine(number, line))
            size += len(line)
            if len(batch) >= self._batch_lines or size >= _BATCH_BYTES:
                yield batch
                batch, size = [], 0

    async def _lines(self) -> AsyncIterator[bytes]:
        stdout = self._process.stdout
        if stdout is None:
            raise RuntimeError("the reader has no pipe")
        rest = b""
        while block := await stdout.read(_BLOCK_BYTES):
            *whole, rest = (rest + block).split(b"\n")
            for line in whole:
                yield line
