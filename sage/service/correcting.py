"""Replaces the text of a memory."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING
from uuid import UUID

from sage.domain.memories import Indexed, Message, SaveReceipt, SaveRequest
from sage.errors import NotFoundError
from sage.phrases import phrase
from sage.store.identification import identify, with_all_parts
from sage.store.memories import read_memory
from sage.store.repeating import repeatable
from sage.store.replacements import find_correction

if TYPE_CHECKING:
    from sage.domain.memories import Correction
    from sage.store.connections.pool import Database

_OF_PARTS = frozenset({"part", "parts", "chars"})


@dataclass(frozen=True, slots=True)
class PreparedCorrection:
    """The save that corrects a memory, or the answer to an earlier save of the same correction."""

    request: SaveRequest
    answered: SaveReceipt | None


@repeatable
async def prepare_correction(database: Database, correction: Correction) -> PreparedCorrection:
    """Read the memory to correct, and build the save. Raises NotFoundError, StoreError.

    Of a message that was split for its length all parts are replaced.
    """
    space_id, given = correction.space_id, correction.memory_id
    whole, short = ([given], []) if isinstance(given, UUID) else ([], [given])
    async with database.in_space(space_id) as conn:
        named = await identify(conn, space_id, whole, short, field="memory_id")
        memory = None
        if named.memory_ids:
            memory = await read_memory(conn, space_id, named.memory_ids[0])
        if memory is None:
            raise NotFoundError(
                phrase("memory {memory_id} does not exist", memory_id=given),
                hint="pass an id that save or search returned",
            )
        parts = await with_all_parts(conn, space_id, [memory.memory_id])
        before = await find_correction(conn, space_id, memory.memory_id, correction.content)
    metadata = memory.metadata
    if len(parts) > 1:
        metadata = {name: value for name, value in metadata.items() if name not in _OF_PARTS}
    request = SaveRequest(
        (Message(memory.role, correction.content, memory.name, memory.created_at),),
        memory.session_id,
        metadata,
        space_id=space_id,
        replaces=tuple(parts),
        author=correction.author,
        source=correction.source,
    )
    answered = None
    if before is not None:
        answered = SaveReceipt(memory.session_id, (before,), saved=False, indexed=Indexed.READY)
    return PreparedCorrection(request, answered)
