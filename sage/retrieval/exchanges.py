"""What was asked in a session and what was found: prompts with the last texts of their answers."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from sage.domain.memories import Role
from sage.domain.message_class import MessageClass

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sage.domain.recall import SessionTurn

_ASKED_WIDTH = 400
_FOUND_WIDTH = 600
_PASTED_CHARS = 200
_WIDE = 2.5
"""How many letters a Chinese character counts for: they say as much, and take as many tokens."""
_FIRST_WIDE = "\u2e80"
_NOTHING = {MessageClass.ACKNOWLEDGEMENT, MessageClass.NON_ANSWER, MessageClass.QUOTATION}
"""What an answer may be that finds nothing."""


class Exchange(NamedTuple):
    """A prompt, what was found, and whether it waits for an answer still."""

    asked: SessionTurn
    found: SessionTurn | None
    is_open: bool = False


def exchanges_in(turns: Sequence[SessionTurn]) -> list[Exchange]:
    """Return the exchanges of a session, of which the turns are in order.

    What an assistant said before its last text of a turn counts for nothing. Prompts that say
    nothing, such as thanks, are left out where nothing was found either.
    """
    exchanges = []
    for index, turn in enumerate(turns):
        if turn.memory.role is not Role.USER:
            continue
        following = turns[index + 1 : _next_prompt(turns, index + 1)]
        last = following[-1] if following else None
        found = None if last is None or last.message_class in _NOTHING else last
        is_last = index + len(following) + 1 == len(turns)
        waits = last is None or last.message_class is MessageClass.NON_ANSWER
        if turn.message_class is not MessageClass.ACKNOWLEDGEMENT or found:
            is_open = is_last and waits and turn.message_class.asks and not turn.is_answered
            exchanges.append(Exchange(turn, found, is_open))
    return exchanges


def excerpt(turn: SessionTurn) -> str:
    """Return a message as it is shown: its beginning, and of what was pasted the end, too."""
    content = turn.memory.content
    if turn.message_class is MessageClass.PASTED and turn.chars > 3 * _PASTED_CHARS:
        left_out = turn.chars - 2 * _PASTED_CHARS
        ending = turn.ending[-_PASTED_CHARS:]
        return f"{content[:_PASTED_CHARS]} [… {left_out:,} characters …] {ending}"
    width = _ASKED_WIDTH if turn.memory.role is Role.USER else _FOUND_WIDTH
    return shortened(content, width)


def shortened(content: str, width: float = _FOUND_WIDTH) -> str:
    """Return the beginning of a text, whole where it is short."""
    for place, char in enumerate(content):
        width -= _WIDE if char >= _FIRST_WIDE else 1
        if width < 0:
            return f"{content[:place].rstrip()}…"
    return content


def _next_prompt(turns: Sequence[SessionTurn], start: int) -> int:
    following = range(start, len(turns))
    return next((one for one in following if turns[one].memory.role is Role.USER), len(turns))
