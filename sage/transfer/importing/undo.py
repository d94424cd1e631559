"""Undo an import: delete exactly the memories that it added."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from sage.domain.ids import short_id
from sage.errors import InvalidInputError
from sage.phrases import phrase
from sage.store.foreign_keys import planning_restored
from sage.store.memories import delete_empty_sessions
from sage.store.message_classes import withdraw_replies
from sage.store.named_sql import query
from sage.store.replacements import settle_superseded
from sage.store.session_days import count_sessions_again

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from datetime import datetime
    from uuid import UUID

    from sage.domain.imports import ImportScope
    from sage.store.connections.connection import Connection
    from sage.store.connections.pool import Database

LAST = "last"

_LIST_IMPORTS = query("list_imports")
_UNDO_IMPORT = query("undo_import")
_FIELD = "--undo"
_MAX_FOUND = 100
_MAX_LISTED = 5
_BATCH = 2_000


@dataclass(frozen=True, slots=True)
class PastImport:
    """An import of which memories are there."""

    import_id: UUID
    began_at: datetime
    memories: int
    sources: Sequence[str]

    def __str__(self) -> str:
        """Return a description of it in one line."""
        sources = ", ".join(self.sources) or "sage"
        began = f"{self.began_at:%Y-%m-%d %H:%M}"
        return f"{short_id(self.import_id)} ({began}, {sources}, {self.memories:,})"


async def find_import(database: Database, text: str) -> PastImport:
    """Return the last import, or that whose id ends so. Raises InvalidInputError, StoreError."""
    async with database.across_spaces() as conn:
        rows = await conn.fetch(_LIST_IMPORTS, _MAX_FOUND)
    found = [PastImport(**row) for row in rows]
    wanted = text.replace("-", "").lower()
    matching = [one for one in found if wanted == LAST or one.import_id.hex.endswith(wanted)]
    if not found:
        hint = "`sage import --list` shows what could be imported"
        raise InvalidInputError(_FIELD, "{field}: there is no import to undo", hint=hint)
    if not matching or not wanted or (wanted != LAST and len(matching) > 1):
        latest = "; ".join(map(str, found[:_MAX_LISTED]))
        raise InvalidInputError(
            _FIELD,
            phrase("{field}: import {text} does not exist", text=repr(text)[:60]),
            hint=phrase("one of {latest}", latest=latest),
        )
    return matching[0]


async def undo_import(database: Database, import_id: UUID, advance: Callable[[int], None]) -> int:
    """Delete the memories of an import, batch by batch; return how many there were.

    After an interruption, call it again to continue. Raises StoreError.
    """
    undone = 0
    async with database.maintenance_connection() as conn:
        while rows := await _undo_batch(conn, import_id):
            undone += len(rows)
            advance(len(rows))
    return undone


async def undo_part(conn: Connection, import_id: UUID, by: ImportScope) -> int:
    """Delete some memories of an import by a caller; return how many. Raises StoreError."""
    return len(await _undo_batch(conn, import_id, by))


async def _undo_batch(
    conn: Connection, import_id: UUID, by: ImportScope | None = None
) -> Sequence[Mapping[str, Any]]:
    whose = (None, True, None) if by is None else (by.space_id, by.sees_all, by.author)
    async with conn.transaction():
        async with planning_restored(conn):
            rows = await conn.fetch(_UNDO_IMPORT, import_id, _BATCH, *whose)
        await delete_empty_sessions(conn, ((row["space_id"], row["session_id"]) for row in rows))
        for space_id in {row["space_id"] for row in rows}:
            own = [row for row in rows if row["space_id"] == space_id]
            await count_sessions_again(conn, space_id, (row["session_id"] for row in own))
            await withdraw_replies(conn, space_id, [row["memory_id"] for row in own])
            await settle_superseded(conn, space_id, [one for row in own for one in row["replaced"]])
    return rows
