"""Read memories from a file, or from standard input, one per line."""

from __future__ import annotations

import shutil
import sys
import tempfile
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO

from sage.domain import limits
from sage.domain.text.wording import counted
from sage.domain.transfer import TO_UTF8, LineReader, TransferredMemory
from sage.errors import InvalidInputError
from sage.phrases import phrase

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

_FIELD = "FILE"
_MAX_LINE_BYTES = 2_000_000
_MAX_REPORTED = 10
_HEAD_BYTES = 4_096
_REPORT_EVERY = 1_000


@dataclass(frozen=True, slots=True)
class MemoryFile:
    """A file of memories that can be read several times.

    `space_id` and `session_id` are those of LineReader.
    """

    name: str
    lines: BinaryIO
    space_id: str | None
    session_id: str | None

    @property
    def size_bytes(self) -> int:
        """Return the size of the file."""
        return self.lines.seek(0, 2)

    def count(self, report: Callable[[str], None], advance: Callable[[int], None]) -> int:
        """Check every line, and count the memories; `advance` receives bytes read.

        The first ten invalid lines are reported. Raises InvalidInputError if there are any.
        """
        reader, memories, refused, read_bytes = LineReader(self.space_id, self.session_id), 0, 0, 0
        hint = ""
        for number, line in self._numbered():
            read_bytes += len(line)
            if number % _REPORT_EVERY == 0:
                advance(read_bytes)
                read_bytes = 0
            try:
                memories += _read(reader, number, line) is not None
            except InvalidInputError as error:
                refused += 1
                hint = hint or error.hint
                if refused <= _MAX_REPORTED:
                    report(error.message)
        advance(read_bytes)
        if refused:
            lines = counted(refused, "invalid line", "invalid lines")
            raise InvalidInputError(
                self.name, phrase("{field}: {lines}; nothing was imported", lines=lines), hint=hint
            )
        return memories

    def memories(self) -> Iterator[TransferredMemory]:
        """Read the file from the beginning. Raises InvalidInputError that names the line."""
        reader = LineReader(self.space_id, self.session_id)
        for number, line in self._numbered():
            if (memory := _read(reader, number, line)) is not None:
                yield memory

    def _numbered(self) -> Iterator[tuple[int, bytes]]:
        self.lines.seek(0)
        number = 0
        while line := self.lines.readline(_MAX_LINE_BYTES):
            number += 1
            if len(line) == _MAX_LINE_BYTES and not line.endswith(b"\n"):
                raise InvalidInputError(
                    f"line {number}",
                    phrase(
                        "{field} is longer than {most:,} bytes",
                        most=_MAX_LINE_BYTES,
                    ),
                    hint=phrase(
                        "split it into several memories, or shorten it: one memory has at most "
                        "{most:,} characters",
                        most=limits.MAX_CONTENT_CHARS,
                    ),
                )
            yield number, line


@contextmanager
def opened_memories(
    source: str, space_id: str | None, session_id: str | None
) -> Iterator[MemoryFile]:
    """Open a file, or standard input for `-`, which is first copied to disk.

    Raises InvalidInputError.
    """
    name = phrase("standard input") if source == "-" else source
    try:
        with tempfile.TemporaryFile() if source == "-" else Path(source).open("rb") as lines:
            if source == "-":
                if sys.stdin is None:
                    raise InvalidInputError(
                        _FIELD, "{field}: standard input is closed", hint="pipe it in"
                    )
                shutil.copyfileobj(sys.stdin.buffer, lines)
                lines.seek(0)
                if b"\0" in lines.read(_HEAD_BYTES):
                    raise InvalidInputError(
                        name,
                        "{field} is not text",
                        hint="save a zip archive or database to a file, and pass that",
                    )
            yield MemoryFile(name, lines, space_id, session_id)
    except OSError as error:
        raise InvalidInputError(
            _FIELD,
            phrase("{field}: {name} cannot be read: {reason}", name=name, reason=error.strerror),
            hint="check the path",
        ) from error


def may_be_lines(path: Path) -> bool:
    """Return whether a path may be a file of Sage: no folder, no zip, no database.

    Raises OSError.
    """
    if path.is_dir():
        return False
    with path.open("rb") as file:
        return b"\0" not in file.read(_HEAD_BYTES)


def refuse_options_of_others(path: str, values: Mapping[str, object]) -> None:
    """Raise InvalidInputError for an option that has no effect on a file of Sage."""
    for name in ("dry_run", "since", "include", "timezone", "date_format"):
        if values.get(name):
            option = f"--{name.replace('_', '-')}"
            raise InvalidInputError(
                option,
                phrase(
                    "{field} only applies to exports of other programs, and {path} is not one",
                    path=path,
                ),
                hint=phrase("omit {option} to import files of `sage export`", option=option),
            )


def _read(reader: LineReader, number: int, line: bytes) -> TransferredMemory | None:
    """Parse a line; None for an empty one."""
    try:
        text = line.decode("utf-8-sig" if number == 1 else "utf-8")
    except UnicodeDecodeError:
        raise InvalidInputError(f"line {number}", "{field} is not UTF-8", hint=TO_UTF8) from None
    return reader.parse_line(number, text) if text.strip() else None
