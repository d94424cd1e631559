"""Read the new lines of a transcript, whole ones only."""

from __future__ import annotations

import json
import os
import stat
from dataclasses import dataclass, replace
from errno import EINVAL
from typing import TYPE_CHECKING, Any

from sage.masking.masked import masked
from sage.transcripts.claude_code import read_claude, read_qwen
from sage.transcripts.cleaning import spoken
from sage.transcripts.codex import read_codex
from sage.transcripts.copilot import read_copilot
from sage.transcripts.gemini_cli import read_gemini

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping
    from pathlib import Path

    from sage.transcripts.turns import Turn

    ReadLine = Callable[[Mapping[str, Any]], Turn | None]

MAX_LINE_BYTES = 16_000_000
"""The longest line that is read; what people and models say is far shorter."""


@dataclass(frozen=True, slots=True)
class Format:
    """How a client writes its transcripts: what a line says, and what such lines contain."""

    read_line: ReadLine
    marks: tuple[bytes, ...]


FORMATS = {
    "claude-code": Format(read_claude, (b'"user"', b'"assistant"')),
    "codex": Format(read_codex, (b'"response_item"',)),
    "gemini-cli": Format(read_gemini, (b'"user"', b'"gemini"')),
    "qwen-code": Format(read_qwen, (b'"user"', b'"assistant"')),
    "copilot": Format(read_copilot, (b'"user.message"', b'"assistant.message"')),
}


@dataclass(frozen=True, slots=True)
class Position:
    """How far a file was read: `offset` bytes of the file with that number.

    `too_long` counts the lines on the way that may be messages, and were too long to be read.
    """

    inode: int = 0
    offset: int = 0
    too_long: int = 0


def read_turns(
    path: Path, source: str, position: Position, session: str = ""
) -> tuple[list[Turn], Position]:
    """Read what was said after a position, and the position behind it.

    A file that was replaced or has shrunk is read from its beginning; ids keep that harmless. A
    line without its end is left for the next time. `session` is that of lines which name none.
    Raises OSError.
    """
    # A pipe would be waited for, and a device never ends.
    with os.fdopen(os.open(path, os.O_RDONLY | os.O_NONBLOCK), "rb") as file:
        found = os.fstat(file.fileno())
        if not stat.S_ISREG(found.st_mode):
            raise OSError(EINVAL, "it is no file")
        same = position.inode == found.st_ino and position.offset <= found.st_size
        offset = position.offset if same else 0
        file.seek(offset)
        turns: list[Turn] = []
        too_long = 0
        for raw in file:
            if not raw.endswith(b"\n"):
                break
            offset += len(raw)
            # Most of a transcript is no speech, and single lines hold whole prompts: look first.
            if any(mark in raw for mark in FORMATS[source].marks):
                if len(raw) > MAX_LINE_BYTES:
                    too_long += 1
                else:
                    turns += _said(raw, FORMATS[source], session)
    return turns, Position(found.st_ino, offset, too_long)


def clean(turn: Turn) -> Turn:
    """Return a turn with what was said in it and may be kept; its text may be empty."""
    return replace(turn, text=masked(spoken(turn.text)))


def _said(raw: bytes, form: Format, session: str) -> Iterator[Turn]:
    try:
        line = json.loads(raw)
    except (ValueError, RecursionError):
        return
    turn = form.read_line(line) if isinstance(line, dict) else None
    if turn is None:
        return
    turn = clean(turn)
    if turn.text:
        yield turn if turn.session else replace(turn, session=session)
