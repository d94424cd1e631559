"""Prepares memories that come from elsewhere to be copied in."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sage.retrieval.lexemes import tsvector_of
from sage.store.transfer import ArrivingMemory

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from sage.domain.transfer import TransferredMemory


def arriving_memories(
    memories: Sequence[TransferredMemory], began: datetime
) -> list[ArrivingMemory]:
    """Cut the words of memories that are to be kept; those without a time get that of `began`."""
    return [
        ArrivingMemory(
            memory,
            created_at,
            tsvector_of(memory.message.content, memory.message.name, created_at),
        )
        for memory in memories
        for created_at in (memory.message.created_at or began,)
    ]
