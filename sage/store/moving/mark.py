"""The state of a move in a database: it is being filled, or its data is elsewhere now.

The objects of a move are not part of the schema. They exist while a move is running; in a database
whose data was moved away, the triggers that reject writes remain.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from importlib import resources
from typing import TYPE_CHECKING

from sage.errors import SchemaError
from sage.phrases import phrase
from sage.store.named_sql import query

if TYPE_CHECKING:
    from uuid import UUID

    from sage.store.connections.connection import Connection

SOURCE, TARGET = "source", "target"
COPYING, SWITCHING, MOVED = "copying", "switching", "moved"

_HAS_MOVING = query("has_moving")
_READ_MOVING = query("read_moving")
_MARK_MOVING = query("mark_moving")
_SET_STATE = query("set_moving_state")
_TRIGGERS_REMOVAL = query("moving_triggers_removal")
_REMOVAL = query("moving_removal")


def _read(name: str) -> str:
    return resources.files("sage.store.moving").joinpath(name).read_text(encoding="utf-8")


_MARK, _OF_SIDES = _read("mark.sql"), {SOURCE: _read("source.sql"), TARGET: _read("target.sql")}
_SPREAD = _read("spread.sql")
OBJECTS = (*_OF_SIDES.values(), query("record_triggers"), query("refuse_triggers"))
"""The statements that name the functions and triggers of a move."""


@dataclass(frozen=True, slots=True)
class MoveMark:
    """The role of a database in a move, the state of the move, and the other database."""

    move_id: UUID
    side: str
    state: str
    other: str
    began_at: datetime
    moved_at: datetime | None


async def read_mark(conn: Connection) -> MoveMark | None:
    """Return the state of a move in the database; None if it takes part in none.

    Raises StoreError.
    """
    if not await conn.fetchval(_HAS_MOVING):
        return None
    row = await conn.fetchrow(_READ_MOVING)
    return None if row is None else MoveMark(**row)


async def set_mark(conn: Connection, move_id: UUID, side: str, other: str) -> None:
    """Create the objects of a move for a source or target, and record it. Raises StoreError."""
    await conn.execute(_MARK)
    await conn.execute(_OF_SIDES[side])
    if side == SOURCE and conn.is_distributed:
        await conn.execute(_SPREAD)
    await conn.execute(_MARK_MOVING, move_id, side, other)


async def set_state(conn: Connection, state: str) -> None:
    """Record the state of the move. Raises StoreError."""
    await conn.execute(_SET_STATE, state, datetime.now(UTC) if state == MOVED else None)


async def drop_triggers(conn: Connection, name: str) -> None:
    """Remove the triggers of a move whose names begin with `name`. Raises StoreError."""
    for row in await conn.fetch(_TRIGGERS_REMOVAL, name):
        await conn.execute(row["statement"])


async def remove_objects(conn: Connection) -> None:
    """Remove all objects of a move, so that the database can be used as any other.

    Raises StoreError.
    """
    await drop_triggers(conn, "")
    for row in await conn.fetch(_REMOVAL):
        await conn.execute(row["statement"])


def problem_of(mark: MoveMark | None) -> SchemaError | None:
    """Return the error that says why Sage may not use a database during or after a move, if so."""
    match mark:
        case MoveMark(side="target"):
            return SchemaError(
                phrase("`sage move` is filling this database from the {other}", other=mark.other),
                hint="wait until it has finished; if it was interrupted, run it again",
            )
        case MoveMark(state="moved"):
            return SchemaError(
                phrase("the data of this database was moved to the {other}", other=mark.other),
                detail=phrase("on {day}", day=mark.moved_at.date().isoformat())
                if mark.moved_at
                else "",
                hint="set DATABASE_URL to that database, or remove it if it is the embedded one, "
                "and restart Sage; to use this one again, without what was saved there since, run "
                "`sage move --cancel`",
            )
        case _:
            return None
