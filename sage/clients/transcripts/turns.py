"""The messages of a transcript, each written by a person or an assistant."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING
from uuid import NAMESPACE_URL, UUID, uuid5

from sage.clients.transcripts.times import time_of

if TYPE_CHECKING:
    from collections.abc import Sequence

_NAMESPACE = uuid5(NAMESPACE_URL, "sage:conversation-source")

MAX_CHARS = 100_000
"""The maximum length of one memory; a longer message is split into parts."""


@dataclass(frozen=True, slots=True)
class Turn:
    """One message. `key` is its id in the client, `said_at` ISO 8601 or empty, `cwd` may be too.

    The `text` of a prompt that only shows something, such as an image, is empty.

    `turn` is the key of the message that began its turn, empty if unknown. A prompt `replaces` what
    the user took back: keys of messages, and the maximum number of parts of each. `is_unfinished`:
    the transcript ends while the agent works, or with an interruption.
    """

    key: str
    session: str
    role: str
    text: str
    said_at: str = ""
    cwd: str = ""
    turn: str = ""
    replaces: tuple[tuple[str, int], ...] = ()
    is_unfinished: bool = field(default=False, compare=False)


def memory_id(source: str, key: str, part: int = 0) -> UUID:
    r"""Return the id of the memory of a message: the same whenever and however it is read.

    The session is not part of it: clients copy messages with their ids into forked sessions.
    """
    name = f"{source}\0{key}\0{part}" if part else f"{source}\0{key}"
    return uuid5(_NAMESPACE, name)


def replaced_ids(source: str, replaces: Sequence[tuple[str, int]]) -> list[UUID]:
    """Return the ids of all parts of the messages that were replaced."""
    return sorted(memory_id(source, key, part) for key, parts in replaces for part in range(parts))


def records_of(source: str, turn: Turn, metadata: dict[str, object]) -> list[dict[str, object]]:
    """Return a turn as memories to save, in the form of `sage export`.

    An invalid time is left out, since Sage would refuse it.
    """
    said_at = time_of(turn.said_at)
    parts = split_text(turn.text)
    replaces = [str(one) for one in replaced_ids(source, turn.replaces)]
    return [
        {
            "memory_id": str(memory_id(source, turn.key, number)),
            "session_id": f"{source}:{turn.session}"[:200],
            "role": turn.role,
            "content": text,
            **({"created_at": said_at.isoformat()} if said_at else {}),
            **({"replaces": replaces} if replaces and not number else {}),
            "metadata": {
                "source": source,
                **({"turn": turn.turn} if turn.turn else {}),
                **({"unfinished": True} if turn.is_unfinished else {}),
                **metadata,
                **part_of(turn.text, number, len(parts)),
            },
        }
        for number, text in enumerate(parts)
    ]


def part_of(text: str, number: int, parts: int) -> dict[str, object]:
    """Return the metadata of a part, counted from 0; empty for a whole message."""
    return {"part": number + 1, "parts": parts, "chars": len(text)} if parts > 1 else {}


def split_text(text: str, limit: int = MAX_CHARS) -> list[str]:
    """Split a text at the ends of paragraphs, lines or words into parts of at most `limit`."""
    parts = []
    while len(text) > limit:
        for mark in ("\n\n", "\n", " "):
            at = text.rfind(mark, limit // 2, limit)
            if at > 0:
                break
        else:
            at = limit
        parts.append(text[:at])
        text = text[at:].lstrip()
    return [*parts, text] if text else parts
