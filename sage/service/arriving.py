"""Prepares memories from elsewhere, and copies them in."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from sage.retrieval.preferences.keys import lexemes_of
from sage.service.classification import classify_arrivals
from sage.store.transfer import ArrivingMemory, copy_memories

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from datetime import datetime
    from uuid import UUID

    from sage.domain.transfer import TransferredMemory
    from sage.store.connections.connection import Connection


def arriving_memories(
    memories: Sequence[TransferredMemory],
    began: datetime,
    check_cancelled: Callable[[], None] = lambda: None,
) -> list[ArrivingMemory]:
    """Cut memories into lexemes for storage; those without a time get that of `began`.

    `check_cancelled` is called before each; an exception that it raises ends the work.
    """

    def arriving(memory: TransferredMemory) -> ArrivingMemory:
        check_cancelled()
        created_at = memory.message.created_at or began
        said = memory.message
        lexemes = lexemes_of(said.content, said.name, created_at, said.role)
        return ArrivingMemory(memory, created_at, lexemes)

    return [arriving(memory) for memory in memories]


def not_later_than(now: datetime, memory: TransferredMemory) -> TransferredMemory:
    """Return a memory whose time is not later than `now`, in case the clock of its machine is fast.

    It would otherwise be the latest memory until that time.
    """
    if memory.confirmed_at is not None and memory.confirmed_at > now:
        memory = replace(memory, confirmed_at=now)
    said_at = memory.message.created_at
    if said_at is None or said_at <= now:
        return memory
    return replace(memory, message=replace(memory.message, created_at=now))


async def store_arrivals(
    conn: Connection,
    arriving: Sequence[ArrivingMemory],
    import_id: UUID | None = None,
    source: str | None = None,
) -> int:
    """Classify memories and copy them in, all or none; return the number of new ones.

    They belong to the import `import_id`, or come from another `source`. Raises StoreError.
    """
    classified, changes = await classify_arrivals(conn, arriving)
    return await copy_memories(conn, classified, import_id, source, changes)
