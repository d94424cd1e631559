"""Read the new complete lines of a transcript."""

from __future__ import annotations

import os
import stat
from contextlib import suppress
from dataclasses import dataclass, replace
from errno import EINVAL
from typing import TYPE_CHECKING, Any, BinaryIO

from sage.clients.transcripts.claude_code import (
    follow_claude,
    follow_qwen,
    read_claude,
    read_qwen,
)
from sage.clients.transcripts.cleaning import spoken
from sage.clients.transcripts.codex import follow_codex, read_codex, said_and_taken_back
from sage.clients.transcripts.conversation import INTERRUPTED, Conversation
from sage.clients.transcripts.copilot import follow_copilot, read_copilot
from sage.clients.transcripts.gemini_cli import follow_gemini, read_gemini
from sage.clients.transcripts.jsonl import parse_line
from sage.domain.text.masking.masked import masked

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from pathlib import Path

    from sage.clients.transcripts.turns import Turn

    ReadLine = Callable[[Mapping[str, Any]], Turn | None]
    Follow = Callable[[Conversation, Mapping[str, Any]], Turn | None]

MAX_LINE_BYTES = 16_000_000
"""The longest line that is read; messages are far shorter."""


@dataclass(frozen=True, slots=True)
class TranscriptFormat:
    """The transcript format of a client.

    `read_line` returns the message in a line by itself, `follow` places it in the conversation.
    `marks` are in the lines that matter. A line with one of `turns_back` may take back something
    before it; with `names_before`, so may lines that name the one they follow.
    """

    read_line: ReadLine
    follow: Follow
    marks: tuple[bytes, ...]
    turns_back: tuple[bytes, ...] = ()
    names_before: bool = False


_INTERRUPTED = tuple(mark.encode() for mark in INTERRUPTED)
_LINKED = (b'"parentUuid"', b'"user"', b'"assistant"')
FORMATS = {
    "claude-code": TranscriptFormat(
        read_claude, follow_claude, _LINKED, _INTERRUPTED, names_before=True
    ),
    "codex": TranscriptFormat(
        read_codex,
        follow_codex,
        (b'"response_item"', b'"session_meta"', b'"thread_rolled_back"'),
        (*_INTERRUPTED, b'"thread_rolled_back"'),
    ),
    "gemini-cli": TranscriptFormat(
        read_gemini,
        follow_gemini,
        (b'"user"', b'"gemini"', b'"$rewindTo"'),
        (b'"$rewindTo"', b'"$set"'),
    ),
    "qwen-code": TranscriptFormat(
        read_qwen, follow_qwen, _LINKED, (b'"rewind"',), names_before=True
    ),
    "copilot": TranscriptFormat(
        read_copilot,
        follow_copilot,
        (b'"user.message"', b'"assistant.message"', b'"session.snapshot_rewind"', b'"abort"'),
        (b'"session.snapshot_rewind"', b'"abort"'),
    ),
}


@dataclass(frozen=True, slots=True)
class Position:
    """How far a file was read: `offset` bytes of the file with that inode.

    `too_long` counts the skipped lines that may be messages, and were too long to be read. `turn`
    is the key of the message that began the turn there, `line` the id of the line before it.
    `undecided`: something was taken back and not yet replaced. `unanswered`: the last message is a
    prompt. `by_earlier`: it was read by a release that did not look for messages taken back.
    """

    inode: int = 0
    offset: int = 0
    too_long: int = 0
    turn: str = ""
    line: str = ""
    undecided: bool = False
    unanswered: bool = False
    by_earlier: bool = False


def read_turns(
    path: Path, source: str, position: Position, session: str = ""
) -> tuple[list[Turn], Position]:
    """Read the turns after a position, and the position after them.

    A file that was replaced or has shrunk is read from its beginning; ids prevent duplicates. An
    incomplete last line is left for the next time. `session` is that of lines without one. Text
    before the position is read again only if it may be taken back; prompts in it that replace
    something are returned again if an earlier release read them. Raises OSError.
    """
    # A pipe would be waited for, and a device never ends.
    with os.fdopen(os.open(path, os.O_RDONLY | os.O_NONBLOCK), "rb") as file:
        found = os.fstat(file.fileno())
        if not stat.S_ISREG(found.st_mode):
            raise OSError(EINVAL, "it is no file")
        same = position.inode == found.st_ino and position.offset <= found.st_size
        position = replace(position if same else Position(), inode=found.st_ino, too_long=0)
        reader = _Reader(file, path, FORMATS[source], position, session)
        if position.offset and not (position.undecided or position.by_earlier):
            with suppress(_TurnedBackError):
                return reader.read(from_beginning=False)
        return reader.read(from_beginning=True)


class _TurnedBackError(Exception):
    """Lines before the position must be read."""


@dataclass(frozen=True, slots=True)
class _Reader:
    file: BinaryIO
    path: Path
    form: TranscriptFormat
    position: Position
    session: str

    def read(self, *, from_beginning: bool) -> tuple[list[Turn], Position]:
        """Read new lines, with those before them or without. Raises _TurnedBackError."""
        offset = 0 if from_beginning else self.position.offset
        known = ("", "") if from_beginning else (self.position.turn, self.position.line)
        conversation = Conversation(*known)
        turns: list[Turn] = []
        too_long, unanswered = 0, self.position.unanswered
        lines = {self.position.line}
        self.file.seek(offset)
        for raw in self.file:
            if not raw.endswith(b"\n"):
                break
            began, offset = offset, offset + len(raw)
            is_new = began >= self.position.offset
            # Most of a transcript is no speech, and single lines hold whole prompts: look first.
            if not any(mark in raw for mark in self.form.marks):
                continue
            if len(raw) > MAX_LINE_BYTES:
                too_long += is_new
                continue
            line = _line_of(raw)
            if not from_beginning and self._may_turn_back(raw, line, lines):
                raise _TurnedBackError
            if began == 0:
                for turn in said_and_taken_back(self.path, line):
                    conversation.withdraw(turn)
            said = self.form.follow(conversation, line)
            unanswered = unanswered if said is None else said.role == "user"
            if said is not None and not is_new:
                said = said if self.position.by_earlier and said.replaces else None
            if said is not None and (turn := clean(said)).text:
                turns.append(turn if turn.session else replace(turn, session=self.session))
        end = Position(
            self.position.inode,
            offset,
            too_long,
            conversation.turn,
            conversation.latest_line,
            conversation.is_undecided,
            unanswered,
        )
        return _as_it_ends(turns, conversation), end

    def _may_turn_back(self, raw: bytes, line: Mapping[str, Any], lines: set[str]) -> bool:
        """Return whether a line may take back what comes before the position.

        `lines` are the ids of the lines since the position, to which this one's is added.
        """
        if any(mark in raw for mark in self.form.turns_back):
            return True
        if not self.form.names_before or "parentUuid" not in line:
            return False
        is_linked = str(line["parentUuid"]) in lines
        if is_linked:
            lines.add(str(line.get("uuid")))
        is_prompt = line.get("type") == "user" and not line.get("isSidechain")
        return is_prompt and not is_linked


def _as_it_ends(turns: list[Turn], conversation: Conversation) -> list[Turn]:
    """Return turns, the last one marked if its agent had not finished."""
    if not conversation.is_unfinished or not turns or turns[-1].role != "assistant":
        return turns
    return [*turns[:-1], replace(turns[-1], is_unfinished=True)]


def clean(turn: Turn) -> Turn:
    """Return a turn with its cleaned text, which may be empty."""
    return replace(turn, text=masked(spoken(turn.text)))


def _line_of(raw: bytes) -> Mapping[str, Any]:
    line = parse_line(raw)
    return line if isinstance(line, dict) else {}
