"""The switch: writes stop, the rest is copied and compared, and the source is marked as moved.

The order of the last steps decides what a killed process leaves behind: the source is marked before
the target may be used, so that both never accept writes.
"""

from __future__ import annotations

import asyncio
import time
from contextlib import suppress
from functools import partial
from typing import TYPE_CHECKING, NamedTuple

from sage.errors import MoveError, StoreError
from sage.operations.move.comparing import compare, compare_changes
from sage.operations.move.copying import attach_checks
from sage.operations.move.following import follow
from sage.operations.move.tables import as_of_now, insist, is_in_the_way
from sage.store.moving.mark import (
    COPYING,
    MOVED,
    SWITCHING,
    drop_triggers,
    remove_objects,
    set_state,
)
from sage.store.named_sql import query

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sage.operations.backup.progress import ProgressStep
    from sage.operations.move.comparing import ComparedSides
    from sage.operations.move.tables import Sides
    from sage.store.connections.connection import Connection

_LOCKS = query("moving_locks")
_RECORD_TRIGGERS = query("record_triggers")
_REFUSE_TRIGGERS = query("refuse_triggers")
_UNRECORDED = query("count_unrecorded_tables")
_DROP_JOURNAL = query("drop_moving_journal")
_SEQUENCES = query("moving_sequences")
_SET_SEQUENCE = query("continue_sequence")
_NEWEST_ARRIVAL = query("newest_arrival")
_UNCHECKED = query("unchecked_references")
_ARRIVALS = "memories_arrival_seq"
_TURN_S = 1800.0
"""How long writers are waited for: an index build, which keeps them out, takes minutes."""

_TIDYING_S = 10.0


class Switched(NamedTuple):
    """For how many seconds writes were refused, and how many rows were copied meanwhile.

    `compared`: the comparison in that time, if none was possible before.
    """

    paused_s: float
    rows: int
    compared: ComparedSides | None


async def record_writes(source: Connection) -> None:
    """Record every write from now on. Raises MoveError, StoreError."""
    await _alone(source, [row["statement"] for row in await source.fetch(_RECORD_TRIGGERS)])


async def require_records(source: Connection) -> None:
    """Check that every write was recorded. Raises MoveError, StoreError."""
    if await source.fetchval(_UNRECORDED):
        raise MoveError(
            "the tables of the old database were changed during the move",
            detail="not all writes were recorded: a backup was restored, or Sage was upgraded",
            hint="start again with --restart",
        )


async def switch(sides: Sides, step: ProgressStep) -> Switched:
    """Stop the writes, copy and compare the rest, and end the move.

    Everything is compared if the source is distributed: only now its nodes do not change. If the
    two differ, the source accepts writes again. Raises MoveError, StoreError.
    """
    await require_records(sides.source)
    began = await _refuse_writes(sides.source)
    try:
        changes = await follow(sides)
        compared = None
        if sides.source.is_distributed:
            async with as_of_now(sides.source):
                compared = await compare(sides, step)
        else:
            await compare_changes(sides, changes)
        await _set_sequences(sides)
    except BaseException:
        await asyncio.shield(take_writes_again(sides.source))
        raise
    await attach_checks(sides.target)
    await end_move(sides.source, sides.target)
    rows = sum(map(len, changes.keys.values()))
    return Switched(time.monotonic() - began, rows, compared)


async def end_move(source: Connection, target: Connection) -> None:
    """Mark the source as moved, then allow Sage to use the target. Raises StoreError."""
    await insist(source, partial(set_state, source, MOVED))
    await insist(target, partial(remove_objects, target))


async def tidy(source: Connection, target: Connection) -> None:
    """Validate the foreign keys of the target, and remove what records writes at the source.

    Sage may use the target already. Where somebody reads the source for long, as a backup does, the
    journal stays there, empty: nothing is written. Raises StoreError.
    """
    for row in await target.fetch(_UNCHECKED):
        await target.execute(row["statement"])

    async def stop_recording() -> None:
        await drop_triggers(source, "record")
        await source.execute(_DROP_JOURNAL)

    with suppress(StoreError):
        await insist(source, stop_recording, for_s=_TIDYING_S)


async def has_unchecked_references(target: Connection) -> bool:
    """Return whether a move ended before it had validated the foreign keys. Raises StoreError."""
    return bool(await target.fetch(_UNCHECKED))


async def _refuse_writes(source: Connection) -> float:
    """Refuse every write from now on; return since when, as a time of `time.monotonic`."""
    statements = [row["statement"] for row in await source.fetch(_REFUSE_TRIGGERS)]
    return await _alone(source, statements, state=SWITCHING)


async def take_writes_again(source: Connection) -> None:
    """Accept writes at the source again. Raises nothing: if it is down, a later run does it."""

    async def accept() -> None:
        await drop_triggers(source, "refuse")
        await set_state(source, COPYING)

    with suppress(StoreError):
        await insist(source, accept)


async def _alone(source: Connection, statements: Sequence[str], state: str = COPYING) -> float:
    """Run statements on all tables under a lock; return when the last wait began.

    Raises MoveError if a writer or an index build holds the tables for half an hour, StoreError.
    """
    locks = await source.fetchval(_LOCKS)

    async def change() -> None:
        await source.execute(locks)
        for statement in statements:
            await source.execute(statement)
        await set_state(source, state)

    try:
        return await insist(source, change, for_s=_TURN_S)
    except StoreError as error:
        if not is_in_the_way(source, error):
            raise
        raise MoveError(
            "a transaction has been writing to the old database for over half an hour",
            detail="nothing was changed by this step",
            hint="wait until imports and the like have finished, and run it again",
        ) from error


async def _set_sequences(sides: Sides) -> None:
    """Set the sequences to the values of those at the source."""
    newest = await sides.source.fetchval(_NEWEST_ARRIVAL) or 0
    for row in await sides.source.fetch(_SEQUENCES):
        value = row["last_value"] or 0
        if row["name"] == _ARRIVALS:
            value = max(value, newest)
        if value:
            await sides.target.fetchval(_SET_SEQUENCE, row["name"], value)
