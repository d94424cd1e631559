"""The switch: writes stop, the rest is copied and compared, and the source is marked as moved.

The order of the last steps decides what a killed process leaves behind: the source is marked before
the target may be used, so that both never accept writes.
"""

from __future__ import annotations

import asyncio
import time
from contextlib import suppress
from itertools import count
from typing import TYPE_CHECKING, NamedTuple

from sage.errors import MoveError, StoreError
from sage.operations.move.comparing import compare, compare_changes
from sage.operations.move.copying import attach_checks
from sage.operations.move.following import follow
from sage.operations.move.tables import as_of_now, unhurried
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
_LOCK_WAIT = query("moving_lock_wait")
_RECORD_TRIGGERS = query("record_triggers")
_REFUSE_TRIGGERS = query("refuse_triggers")
_UNRECORDED = query("count_unrecorded_tables")
_DROP_JOURNAL = query("drop_moving_journal")
_SEQUENCES = query("moving_sequences")
_SET_SEQUENCE = query("continue_sequence")
_NEWEST_ARRIVAL = query("newest_arrival")
_UNCHECKED = query("unchecked_references")
_SHORT_WAIT, _LONG_WAIT, _LONG_EVERY = "700ms", "1500ms", 5
_IN_THE_WAY = {"LockNotAvailableError", "DeadlockDetectedError"}
_IN_THE_WAY_ON_NODES = _IN_THE_WAY | {"InternalServerError"}
"""A node that waited too long for a lock: Citus only reports that the connection failed."""
_ARRIVALS = "memories_arrival_seq"
_TURN_S = 1800.0
_PAUSE_S = 1.0
"""The pause between attempts, so that writers continue during an index build, which takes
minutes."""


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
    async with unhurried(source):
        await set_state(source, MOVED)
        await drop_triggers(source, "record")
        await source.execute(_DROP_JOURNAL)
    async with unhurried(target):
        await remove_objects(target)


async def check_references(target: Connection) -> None:
    """Validate the foreign keys of the target, which Sage may already use.

    Raises StoreError.
    """
    for row in await target.fetch(_UNCHECKED):
        await target.execute(row["statement"])


async def _refuse_writes(source: Connection) -> float:
    """Refuse every write from now on; return since when, as a time of `time.monotonic`."""
    statements = [row["statement"] for row in await source.fetch(_REFUSE_TRIGGERS)]
    return await _alone(source, statements, state=SWITCHING)


async def take_writes_again(source: Connection) -> None:
    """Accept writes at the source again. Raises nothing: if it is down, a later run does it."""
    with suppress(StoreError):
        async with unhurried(source):
            await drop_triggers(source, "refuse")
            await set_state(source, COPYING)


async def _alone(source: Connection, statements: Sequence[str], state: str = COPYING) -> float:
    """Run statements on all tables under a lock; return when the last wait began.

    The lock timeout grows every few attempts: only then does autovacuum give way. Raises MoveError
    if a writer or an index build holds the tables for half an hour, StoreError.
    """
    locks = await source.fetchval(_LOCKS)
    deadline = time.monotonic() + _TURN_S
    for attempt in count(1):
        began = time.monotonic()
        try:
            async with unhurried(source):
                await source.execute(
                    _LOCK_WAIT, _SHORT_WAIT if attempt % _LONG_EVERY else _LONG_WAIT
                )
                await source.execute(locks)
                for statement in statements:
                    await source.execute(statement)
                await set_state(source, state)
        except StoreError as error:
            name = type(error.__cause__).__name__
            if name not in (_IN_THE_WAY_ON_NODES if source.is_distributed else _IN_THE_WAY):
                raise
            if time.monotonic() > deadline:
                raise MoveError(
                    "a transaction has been writing to the old database for over half an hour",
                    detail="nothing was changed by this step",
                    hint="wait until imports and the like have finished, and run it again",
                ) from error
            await asyncio.sleep(_PAUSE_S)
        else:
            break
    return began


async def _set_sequences(sides: Sides) -> None:
    """Set the sequences to the values of those at the source."""
    newest = await sides.source.fetchval(_NEWEST_ARRIVAL) or 0
    for row in await sides.source.fetch(_SEQUENCES):
        value = row["last_value"] or 0
        if row["name"] == _ARRIVALS:
            value = max(value, newest)
        if value:
            await sides.target.fetchval(_SET_SEQUENCE, row["name"], value)
