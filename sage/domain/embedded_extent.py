"""How much of a message is embedded.

Searches by words cover a message of any length. But a log of 2 MB would keep a local model busy for
most of an hour: of a long text that was pasted into the session of an agent, or that the agent
answered, only the beginning and the end are embedded.
"""

from __future__ import annotations

from enum import IntEnum
from typing import TYPE_CHECKING

from sage.domain.agent_turns import AGENTS
from sage.domain.memories import Role
from sage.domain.message_class import MessageClass

if TYPE_CHECKING:
    from collections.abc import Mapping

LONG_CHARS = 8_000
"""Up to this length a message is embedded whole."""

_END_CHARS = LONG_CHARS // 2


class EmbeddedExtent(IntEnum):
    """How much of a memory is embedded; the value is the number that is stored."""

    WHOLE = 0
    ENDS = 1
    BEGINNING = 2
    END = 3
    NONE = 4

    def spans(self, length: int) -> list[tuple[int, int]]:
        """Return the ranges, in characters, of a text of `length` characters that are embedded."""
        beginning = (0, min(length, _END_CHARS))
        end = (max(0, length - _END_CHARS), length)
        match self:
            case EmbeddedExtent.WHOLE:
                return [(0, length)]
            case EmbeddedExtent.ENDS:
                return [beginning, end] if length > LONG_CHARS else [(0, length)]
            case EmbeddedExtent.BEGINNING:
                return [beginning]
            case EmbeddedExtent.END:
                return [end]
            case EmbeddedExtent.NONE:
                return []


def extent_of(
    message_class: MessageClass, role: Role, content: str, metadata: Mapping[str, object]
) -> EmbeddedExtent:
    """Return how much of a message from hooks or an import is embedded."""
    if metadata.get("source") not in AGENTS:
        return EmbeddedExtent.WHOLE
    part, parts = metadata.get("part"), metadata.get("parts")
    if isinstance(part, int) and isinstance(parts, int) and parts > 1:
        ends = {1: EmbeddedExtent.BEGINNING, parts: EmbeddedExtent.END}
        return ends.get(part, EmbeddedExtent.NONE)
    is_answer = role is Role.ASSISTANT or message_class is MessageClass.PASTED
    return EmbeddedExtent.ENDS if is_answer and len(content) > LONG_CHARS else EmbeddedExtent.WHOLE
