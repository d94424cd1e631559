"""Where text goes: streams, colours, widths. Knows nothing of Sage."""

from __future__ import annotations

import io
import json
import os
import shutil
import sys
import unicodedata
from contextlib import suppress
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, TextIO

if TYPE_CHECKING:
    from collections.abc import Mapping

_WIDEST = 120
_NARROWEST = 40
_STEP = 1024


class Style(StrEnum):
    """What a stretch of text means; each is one ANSI (ECMA-48) graphic rendition."""

    BOLD = "1"
    FAINT = "2"
    GOOD = "32"
    WARN = "33"
    BAD = "31"
    NAME = "36"


class OutputLostError(Exception):
    """The answer cannot be written: whoever read it left, or there is no room."""

    def __init__(self, error: OSError) -> None:
        super().__init__(error.strerror or str(error))
        self.reader_left = isinstance(error, BrokenPipeError)


@dataclass(frozen=True, slots=True)
class Console:
    """The streams of one run of the command line."""

    out: TextIO
    err: TextIO
    colours_out: bool
    colours_err: bool

    @classmethod
    def of_process(cls, environ: Mapping[str, str] = os.environ) -> Console:
        """Take the streams of this process; characters they cannot show are escaped, not raised."""
        out, err = _opened(sys.stdout), _opened(sys.stderr)
        return cls(out, err, wants_colours(out, environ), wants_colours(err, environ))

    @property
    def width(self) -> int:
        """Return the columns to write in."""
        return max(_NARROWEST, min(_WIDEST, shutil.get_terminal_size().columns))

    def write(self, text: str = "") -> None:
        """Write a line of the answer. Raises OutputLostError."""
        self.write_text(f"{text}\n")

    def write_text(self, text: str) -> None:
        """Write a part of the answer as it is. Raises OutputLostError."""
        try:
            self.out.write(text)
        except OSError as error:
            raise OutputLostError(error) from error

    def flush(self) -> None:
        """Hand on all that was written. Raises OutputLostError."""
        try:
            self.out.flush()
        except OSError as error:
            raise OutputLostError(error) from error

    def write_json(self, value: object, *, indent: int | None = 2) -> None:
        """Write the answer for machines; escapes what the stream's encoding cannot hold.

        Without `indent` it is one line. Raises OutputLostError.
        """
        encoding = (getattr(self.out, "encoding", None) or "utf-8").lower().replace("-", "")
        self.write(json.dumps(value, ensure_ascii=encoding != "utf8", indent=indent))

    def note(self, text: str) -> None:
        """Write a line about the answer, never part of it; nothing fails when it is lost."""
        self.note_text(f"{text}\n")

    def note_text(self, text: str) -> None:
        """Write a part of a line about the answer."""
        with suppress(OSError):
            self.err.write(text)
            self.err.flush()

    def paint(self, text: str, *styles: Style) -> str:
        """Colour text for the answer, where colours are wanted."""
        return _painted(text, styles) if self.colours_out else text

    def paint_note(self, text: str, *styles: Style) -> str:
        """Colour text for a note, where colours are wanted."""
        return _painted(text, styles) if self.colours_err else text


def wants_colours(stream: TextIO, environ: Mapping[str, str] = os.environ) -> bool:
    """Decide on colours: only a terminal, none for NO_COLOR (no-color.org) or a dumb one."""
    return (
        stream.isatty()
        and not environ.get("NO_COLOR")
        and environ.get("TERM", "dumb") not in {"", "dumb"}
    )


def printable(text: str, *, keep: str = "\n\t") -> str:
    """Replace control characters but `keep`, so that saved text cannot steer a terminal."""
    return "".join(
        char if char in keep or unicodedata.category(char) not in {"Cc", "Cs"} else "\ufffd"
        for char in text
    )


def one_line(text: str) -> str:
    """Fold every run of white space into one space and make the rest printable."""
    return printable(" ".join(text.split()), keep="")


def counted(number: int, one: str, many: str) -> str:
    """Return a number with its noun."""
    return f"{number:,} {one if number == 1 else many}"


def size_text(size_bytes: float) -> str:
    """Return a size as people read it."""
    for unit in ("bytes", "KiB", "MiB"):
        if size_bytes < _STEP:
            return f"{size_bytes:.0f} {unit}" if unit == "bytes" else f"{size_bytes:.1f} {unit}"
        size_bytes /= _STEP
    return f"{size_bytes:.1f} GiB"


def duration_text(duration_s: float) -> str:
    """Return a length of time as people read it."""
    minutes, seconds = divmod(round(duration_s), 60)
    hours, minutes = divmod(minutes, 60)
    if hours:
        return f"{hours} h {minutes} min"
    return f"{minutes} min {seconds} s" if minutes else f"{seconds} s"


def columns(text: str) -> int:
    """Count the terminal columns text takes: two for wide characters, none for marks (UAX 11)."""
    return sum(_columns_of(char) for char in text)


def clipped(text: str, width: int) -> str:
    """Cut text to `width` columns; what was cut shows as an ellipsis."""
    return text if columns(text) <= width else text[: _fitting(text, width - 1)].rstrip() + "…"


def lines_of(text: str, width: int, limit: int) -> list[str]:
    """Break text into at most `limit` lines of `width` columns, at spaces where there are some."""
    lines: list[str] = []
    rest = one_line(text)
    while rest and len(lines) < limit - 1 and columns(rest) > width:
        end = _fitting(rest, width)
        space = rest.rfind(" ", 0, end + 1)
        if space > end // 2:
            end = space
        lines.append(rest[:end].rstrip())
        rest = rest[end:].lstrip()
    return [*lines, clipped(rest, width)] if rest else lines


def _opened(stream: TextIO | None) -> TextIO:
    """Take a stream of the process; one that was closed before the start swallows all."""
    if stream is None:
        return Path(os.devnull).open("w", encoding="utf-8")
    if isinstance(stream, io.TextIOWrapper):
        stream.reconfigure(errors="backslashreplace")
    return stream


def _fitting(text: str, width: int) -> int:
    taken = 0
    for index, char in enumerate(text):
        taken += _columns_of(char)
        if taken > width:
            return index
    return len(text)


def _columns_of(char: str) -> int:
    if unicodedata.category(char) in {"Mn", "Me", "Cf"}:
        return 0
    return 2 if unicodedata.east_asian_width(char) in {"W", "F"} else 1


def _painted(text: str, styles: tuple[Style, ...]) -> str:
    return f"\x1b[{';'.join(styles)}m{text}\x1b[0m" if styles else text
