"""Parse the rows and the sequence values that pg_restore writes of a dump.

It writes a script, parts of which are copied from the dump unchanged. The script is never run: of
its statements only the names of tables, columns and sequences are read, by their form, and the
lines of rows are passed on as data. Anything else in it is refused.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from sage.errors import BackupError
from sage.phrases import phrase

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from sage.operations.backup.child_process import Child
    from sage.operations.backup.progress import Advance

_MAX_LINE_BYTES = 64 << 10
_END_OF_ROWS = b"\n\\.\n"
_NAME = r'(?:[a-z_][a-z0-9_]*|"[a-z_][a-z0-9_]*")'
_COPY = re.compile(rf"COPY sage\.({_NAME}) \(({_NAME}(?:, {_NAME})*)\) FROM stdin;")
_SETVAL = re.compile(
    rf"SELECT pg_catalog\.setval\('sage\.({_NAME})', (\d{{1,18}}), (true|false)\);"
)
_NOTHING = re.compile(
    r"|--.*|SET [a-z_]+ = [^;]*;|SELECT pg_catalog\.set_config\('search_path', '', false\);"
    r"|\\(?:un)?restrict [0-9A-Za-z]+"
)
"""Lines that set up a session for the script, which is never run, and comments."""


@dataclass(frozen=True, slots=True)
class Rows:
    """The head of the rows of a table: its columns."""

    table: str
    columns: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class SequenceValue:
    """The value of a sequence, and whether it was already used."""

    sequence: str
    value: int
    is_called: bool


class DumpedRows:
    """The script of pg_restore, part by part."""

    def __init__(self, child: Child, progress: Advance) -> None:
        self._child = child
        self._progress = progress
        self._buffer = b""

    async def next_part(self) -> Rows | SequenceValue | None:
        """Return the next part; None at the end. Raises BackupError for anything unexpected.

        The lines of `Rows` must be read before the next part.
        """
        while (line := await self._line()) is not None:
            if copy := _COPY.fullmatch(line):
                columns = tuple(one.strip('"') for one in copy[2].split(", "))
                return Rows(copy[1].strip('"'), columns)
            if setval := _SETVAL.fullmatch(line):
                return SequenceValue(setval[1].strip('"'), int(setval[2]), setval[3] == "true")
            if not _NOTHING.fullmatch(line):
                raise BackupError(
                    "the dump contains something other than rows",
                    detail=phrase("{line}; nothing was changed", line=repr(line[:80])),
                    hint="this backup was not made by Sage: do not trust the file",
                )
        await self._child.finish()
        return None

    async def rows(self) -> AsyncIterator[bytes]:
        """Yield the lines of rows, as COPY reads them, in blocks. Raises BackupError."""
        held, begin = b"\n" + self._buffer, 1
        while (end := held.find(_END_OF_ROWS)) < 0:
            keep = len(held) - len(_END_OF_ROWS) + 1
            if keep > begin:
                yield held[begin:keep]
                held, begin = held[keep:], 0
            held += await self._block()
        self._buffer = held[end + len(_END_OF_ROWS) :]
        if end + 1 > begin:
            yield held[begin : end + 1]

    async def _line(self) -> str | None:
        while (end := self._buffer.find(b"\n")) < 0:
            if len(self._buffer) > _MAX_LINE_BYTES:
                raise _incomplete("the dump has a line that is too long")
            block = await self._child.read()
            if not block:
                if self._buffer:
                    raise _incomplete("the dump is truncated in the middle of a line")
                return None
            self._progress.advance(len(block))
            self._buffer += block
        line, self._buffer = self._buffer[:end], self._buffer[end + 1 :]
        return line.decode(errors="replace")

    async def _block(self) -> bytes:
        block = await self._child.read()
        if not block:
            await self._child.finish()
            raise _incomplete("the dump is truncated in the middle of a table")
        self._progress.advance(len(block))
        return block


def _incomplete(message: str) -> BackupError:
    return BackupError(
        message,
        detail="nothing was changed",
        hint="restore another backup",
    )
