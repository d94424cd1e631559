"""Prepares memories that come from elsewhere to be copied in."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sage.retrieval.lexemes import tsvector_of
from sage.store.transfer import ArrivingMemory

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from datetime import datetime

    from sage.domain.transfer import TransferredMemory


def arriving_memories(
    memories: Sequence[TransferredMemory],
    began: datetime,
    go_on: Callable[[], None] = lambda: None,
) -> list[ArrivingMemory]:
    """Cut the words of memories that are to be kept; those without a time get that of `began`.

    `go_on` is called before each; what it raises ends the work.
    """

    def arriving(memory: TransferredMemory) -> ArrivingMemory:
        go_on()
        created_at = memory.message.created_at or began
        lexemes = tsvector_of(memory.message.content, memory.message.name, created_at)
        return ArrivingMemory(memory, created_at, lexemes)

    return [arriving(memory) for memory in memories]
