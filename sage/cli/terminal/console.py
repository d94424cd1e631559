"""Output streams: the answer to standard output, notes about it to standard error.

rich is imported when something is drawn on a terminal. Files and pipes get plain lines of any
length.
"""

from __future__ import annotations

import io
import json
import os
import sys
from contextlib import suppress
from enum import StrEnum
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, TextIO

from sage.domain.text.unseen import escaped_unseen
from sage.phrases import stretches
from sage.phrases.language import WIDE_COLON, said, said_phrase
from sage.telemetry.colours import is_screen, wants_colours

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from rich.console import Console as RichConsole
    from rich.console import RenderableType
    from rich.text import Text

_DEFAULT_COLUMNS = 80
_MIN_COLUMNS = 20


class Style(StrEnum):
    """The meaning of a part of a text, as the name of its style in rich."""

    BOLD = "bold"
    FAINT = "dim"
    GOOD = "green"
    WARN = "yellow"
    BAD = "red"
    NAME = "cyan"
    MATCH = "bold yellow"
    ERROR = "bold red"
    READY = "bold green"


StyledText = str | tuple[str, str]
"""A part of a line, with or without a Style; an empty style is none."""


def styled(text: str, **styles: str) -> list[StyledText]:
    """Return a sentence as parts, in which arguments named like a style have that style."""
    return [(piece, styles.get(name, "")) for name, piece in stretches(said(text))]


class OutputLostError(Exception):
    """The answer cannot be written: its reader has closed the stream, or the disk is full."""

    def __init__(self, error: OSError) -> None:
        super().__init__(error.strerror or str(error))
        self.reader_left = isinstance(error, BrokenPipeError)


class Console:
    """The output streams of one run of the command line."""

    def __init__(  # noqa: PLR0913 - all but the streams by name
        self,
        out: TextIO,
        err: TextIO,
        *,
        colours_out: bool = False,
        colours_err: bool = False,
        draws: bool | None = None,
        columns: int = 0,
    ) -> None:
        """Write to `out` and `err`; `columns` of 0 means the width of the terminal."""
        self.out = out
        self.err = err
        self._colours_out = colours_out
        self._colours_err = colours_err
        self.draws = err.isatty() if draws is None else draws
        self._columns = columns

    @classmethod
    def of_process(cls, environ: Mapping[str, str]) -> Console:
        """Return a console on this process's streams; characters they lack are escaped.

        Of `environ`, NO_COLOR, TERM and COLUMNS are used.
        """
        columns = environ.get("COLUMNS", "")
        out, err = _opened(sys.stdout), _opened(sys.stderr)
        return cls(
            out,
            err,
            colours_out=wants_colours(out, environ),
            colours_err=wants_colours(err, environ),
            draws=is_screen(err, environ),
            columns=int(columns) if columns.isdecimal() else 0,
        )

    @property
    def width(self) -> int:
        """Return the columns of the terminal that shows the answer, 80 without one."""
        return self._columns_of(self.out)

    @property
    def symbols(self) -> bool:
        """Return whether the answer goes to a terminal that can show more than ASCII."""
        return self.out.isatty() and self.rich_out.encoding.startswith("utf")

    @cached_property
    def rich_out(self) -> RichConsole:
        """Return rich's console for the answer."""
        return _rich(self.out, colours=self._colours_out, width=self.width)

    @cached_property
    def rich_err(self) -> RichConsole:
        """Return rich's console for notes and progress, which adapts to the terminal's size."""
        return _rich(self.err, colours=self._colours_err)

    def write(self, *parts: StyledText, hang: int = 0) -> None:
        """Write a line of the answer. Raises OutputLostError.

        On a terminal it is wrapped between words; continuation lines are indented by `hang`.
        """
        if self.out.isatty():
            self.draw(_assembled(parts, self.width, hang))
        else:
            self.write_text(f"{_plain(parts)}\n")

    def draw(self, renderable: RenderableType) -> None:
        """Write a table or text drawn by rich as part of the answer.

        Raises OutputLostError.
        """
        self.flush()  # here, since rich flushes too, with errors of its own
        with self.rich_out.capture() as drawn:
            self.rich_out.print(renderable, soft_wrap=True)
        self.write_text(drawn.get())

    def write_text(self, text: str) -> None:
        """Write a part of the answer unchanged, never wrapped. Raises OutputLostError."""
        try:
            self.out.write(text)
        except OSError as error:
            raise OutputLostError(error) from error

    def write_json(self, value: object, *, indent: int | None = 2) -> None:
        """Write the answer as JSON, escaping characters that are invisible or not in the encoding.

        Without `indent` it is one line. Raises OutputLostError.
        """
        encoding = (getattr(self.out, "encoding", None) or "utf-8").lower().replace("-", "")
        text = json.dumps(value, ensure_ascii=encoding != "utf8", indent=indent)
        self.write_text(f"{escaped_unseen(text)}\n")

    def flush(self) -> None:
        """Flush the answer. Raises OutputLostError."""
        try:
            self.out.flush()
        except OSError as error:
            raise OutputLostError(error) from error

    def note(self, *parts: StyledText, hang: int = 0, end: str = "\n") -> None:
        """Write a line about the answer, never part of it; its loss is ignored.

        It comes after what was written of the answer, also if both go to one file.
        """
        with suppress(OSError):
            self.out.flush()
        with suppress(OSError):
            if self.draws:
                text = _assembled(parts, self._columns_of(self.err), hang)
                self.rich_err.print(text, soft_wrap=True, end=end)
            else:
                self.err.write(f"{_plain(parts)}{end}")
            self.err.flush()

    def note_text(self, text: str) -> None:
        """Write a line about the answer unchanged, never wrapped, to be copied."""
        with suppress(OSError):
            self.out.flush()
            self.err.write(f"{text}\n")
            self.err.flush()

    def _columns_of(self, stream: TextIO) -> int:
        if self._columns:
            return max(self._columns, _MIN_COLUMNS)
        try:
            columns = os.get_terminal_size(stream.fileno()).columns
        except (OSError, ValueError):
            return _DEFAULT_COLUMNS
        return max(columns, _MIN_COLUMNS) if columns else _DEFAULT_COLUMNS  # 0 is unknown


def _opened(stream: TextIO | None) -> TextIO:
    """Return a stream of the process, or a null stream if it was closed before the start."""
    if stream is None:
        return Path(os.devnull).open("w", encoding="utf-8")
    if isinstance(stream, io.TextIOWrapper):
        stream.reconfigure(errors="backslashreplace")
    return stream


def _spoken(parts: tuple[StyledText, ...]) -> Iterator[StyledText]:
    """Yield the parts of a line in the language of this process."""
    before = ""
    for part in parts:
        text = said_phrase(part if isinstance(part, str) else part[0])
        if before.endswith(WIDE_COLON):  # it holds its own space
            text = text.removeprefix(" ")
        yield text if isinstance(part, str) else (text, part[1])
        before = text


def _plain(parts: tuple[StyledText, ...]) -> str:
    return "".join(part if isinstance(part, str) else part[0] for part in _spoken(parts))


def _assembled(parts: tuple[StyledText, ...], width: int, hang: int) -> Text:
    from rich.text import Text

    from sage.cli.terminal.wrap import wrapped

    return wrapped(Text.assemble(*_spoken(parts)), width, hang)


def _rich(stream: TextIO, *, colours: bool, width: int | None = None) -> RichConsole:
    from rich.console import Console as RichConsole

    return RichConsole(
        file=stream,
        force_terminal=stream.isatty(),
        color_system="standard" if colours else None,
        width=width,
        highlight=False,
        markup=False,
        emoji=False,
    )
