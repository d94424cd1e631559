"""Move all data from one database to another while Sage continues to save.

Triggers at the source record the key of every row that is written. The rows are copied by ranges of
their keys, then the rows of the journal, repeatedly until little is left. Everything is compared in
one snapshot. Then writes stop for a moment: the rest is copied and compared, and the source records
where its data went. Each step can be interrupted, and is resumed by the next run.
"""

from __future__ import annotations

import asyncio
import time
from contextlib import AsyncExitStack
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING
from uuid import uuid4

from sage.errors import MoveError
from sage.operations.move import switching
from sage.operations.move.comparing import compare
from sage.operations.move.copying import build_indexes, copy_tables, detach, has_checks, has_copied
from sage.operations.move.following import follow
from sage.operations.move.tables import Sides, insist, is_in_the_way, read_tables, repeat, unhurried
from sage.phrases import phrase
from sage.store.active_model import find_active_model
from sage.store.citus.distributing import distribute_unused
from sage.store.migrate import migrate
from sage.store.moving.mark import (
    COPYING,
    MOVED,
    SOURCE,
    TARGET,
    MoveMark,
    read_mark,
    remove_objects,
    set_mark,
)
from sage.store.named_sql import query
from sage.store.vector_indexes import build_vector_indexes

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from sage.operations.backup.progress import ProgressStep
    from sage.operations.move.comparing import ComparedSides
    from sage.operations.move.sides import End, MovePlan
    from sage.operations.move.switching import Switched
    from sage.store.connections.connection import Connection

_LOCK = query("lock_moving")
_SESSION = query("moving_session")
_PREPARATIONS = query("restore_preparations")
_FEW_ROWS = 200
_ROUNDS = 20
_LOCK_WAIT_S, _LOCK_PAUSE_S = 5.0, 0.2


@dataclass(frozen=True, slots=True)
class MoveResult:
    """A move: what was compared, how long writes were refused, and how long this run took.

    Of a run that only finished an interrupted one, only the last is known.
    """

    plan: MovePlan
    compared: ComparedSides | None
    switched: Switched | None
    took_s: float


async def move_data(
    source: End,
    target: End,
    plan: MovePlan,
    step: ProgressStep,
    *,
    ready: Callable[[], Awaitable[bool]],
) -> MoveResult | None:
    """Move the data of `plan`, or resume a move that was interrupted.

    `ready` is called when everything is copied and compared, before writes stop: if it returns
    False, the target is not updated further, and None is returned; a later run switches. Raises
    MoveError, SchemaError, StoreError.
    """
    began = time.monotonic()
    async with AsyncExitStack() as stack:
        for end in (target, source):
            await _lock(stack, end)
        ours = await stack.enter_async_context(source.database.maintenance_connection())
        if not plan.resumes:
            await _prepare(target, plan, ours)
        theirs = await stack.enter_async_context(target.database.maintenance_connection())
        if not plan.resumes:
            await _begin(ours, theirs, source, target)
        elif await _is_switched(ours, theirs):
            await switching.end_move(ours, theirs)
            await switching.tidy(ours, theirs)
            return MoveResult(plan, None, None, time.monotonic() - began)
        sides = Sides(ours, theirs, await read_tables(ours, theirs))
        compared = await _copy(sides, target, step)
        if not await ready():
            return None
        await _keep_up(sides, step)
        switched = await switching.switch(sides, step)
        with step("checking references", None):
            await switching.tidy(ours, theirs)
    return MoveResult(plan, compared or switched.compared, switched, time.monotonic() - began)


async def mark_of(end: End) -> MoveMark | None:
    """Return the mark that a move has left in a database, None without one. Raises StoreError."""
    async with end.database.across_spaces() as conn:
        return await read_mark(conn)


async def cancel_move(source: End) -> MoveMark | None:
    """Cancel a move, even a finished one, so that the source can be used; return its mark.

    Raises MoveError while the move runs, StoreError.
    """
    async with AsyncExitStack() as stack:
        await _lock(stack, source)
        conn = await stack.enter_async_context(source.database.maintenance_connection())
        mark = await read_mark(conn)
        if mark is not None and mark.side == TARGET:
            raise MoveError(
                phrase("this database is the new one of a move from the {other}", other=mark.other),
                hint="pass the old one with --from",
            )
        if mark is not None:
            await insist(conn, partial(remove_objects, conn))
        return mark


async def _is_switched(ours: Connection, theirs: Connection) -> bool:
    """Return whether an interrupted run has compared everything and only has to end the move.

    If it was interrupted before that, the source accepts writes again.
    """
    mark = await read_mark(ours)
    if mark is None or mark.state == COPYING:
        return False
    if mark.state == MOVED or await has_checks(theirs):
        return True
    await switching.take_writes_again(ours)
    return False


async def _lock(stack: AsyncExitStack, end: End) -> None:
    """Exclude other moves from or to a database meanwhile. Raises MoveError.

    The server may notice the end of a killed process only a moment later.
    """
    conn = await stack.enter_async_context(end.database.maintenance_connection())
    await stack.enter_async_context(conn.transaction())
    await conn.execute(_SESSION)
    deadline = time.monotonic() + _LOCK_WAIT_S
    while (await conn.execute(_LOCK)).endswith(" 0"):
        if time.monotonic() > deadline:
            raise MoveError(
                phrase(
                    "another process is moving data from or to the {place}", place=end.described
                ),
                hint="wait until it has finished",
            )
        await asyncio.sleep(_LOCK_PAUSE_S)


async def _prepare(target: End, plan: MovePlan, ours: Connection) -> None:
    """Remove the remains of an earlier move, and create empty tables at the target."""
    if plan.source_mark is not None:
        await insist(ours, partial(remove_objects, ours))
    if plan.replaces:
        async with target.database.maintenance_connection() as conn, unhurried(conn):
            for row in await conn.fetch(_PREPARATIONS):
                await conn.execute(row["statement"])
        await target.database.renew_sessions()
    deadlocked = partial(is_in_the_way, None)
    await repeat(partial(migrate, target.database), deadlocked)
    if plan.nodes:
        await repeat(partial(distribute_unused, target.database), deadlocked)


async def _begin(ours: Connection, theirs: Connection, source: End, target: End) -> None:
    """Record the move on both sides, the target first, and every write from now on."""
    move_id = uuid4()

    async def clear() -> None:
        await set_mark(theirs, move_id, TARGET, source.described)
        await detach(theirs)
        for table in await read_tables(ours, theirs):
            await theirs.execute(table.empty)

    await insist(theirs, clear)
    await insist(ours, partial(set_mark, ours, move_id, SOURCE, target.described))


async def _copy(sides: Sides, target: End, step: ProgressStep) -> ComparedSides | None:
    """Copy the existing rows, and compare everything.

    A distributed source changes on one node while another is read: then None is returned, and it is
    compared after writes have stopped.
    """
    if await has_copied(sides.target):
        await switching.require_records(sides.source)
    else:
        await switching.record_writes(sides.source)
    await copy_tables(sides, step)
    await follow(sides)
    await build_indexes(sides.target, step)
    for table in sides.tables:
        await sides.target.execute(table.analyze)
    with step("building vector indexes", None):
        async with target.database.across_spaces() as conn:
            active = await find_active_model(conn)
        if active is not None:
            await build_vector_indexes(target.database, active.model_id)
    await _keep_up(sides, step)
    if sides.source.is_distributed:
        return None
    found: list[ComparedSides] = []

    async def comparing() -> None:
        found.append(await compare(sides, step))

    await follow(sides, comparing)
    return found[0]


async def _keep_up(sides: Sides, step: ProgressStep) -> None:
    """Apply the journal until few entries are left."""
    with step("copying recent changes", None):
        for _ in range(_ROUNDS):
            changes = await follow(sides)
            if len(changes) < _FEW_ROWS:
                return
