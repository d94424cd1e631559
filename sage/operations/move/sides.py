"""The two databases of a move, and what prevents moving data between them."""

from __future__ import annotations

import shutil
from dataclasses import dataclass
from dataclasses import replace as replace_fields
from typing import TYPE_CHECKING

from sage.domain.text.wording import counted, size_text
from sage.errors import MoveError, SchemaError
from sage.operations.checks.server import examine_server
from sage.operations.move.switching import has_unchecked_references
from sage.phrases import joined, phrase
from sage.store.citus.bringing_in import read_nodes, require_active
from sage.store.migrate import known_migrations, migration_status
from sage.store.moving.mark import MOVED, TARGET, MoveMark, read_mark
from sage.store.named_sql import query

if TYPE_CHECKING:
    from pathlib import Path

    from sage.store.connections.connection import Connection
    from sage.store.connections.pool import Database

_PLACE = query("moving_place")
_IS_FILLED = query("moving_is_filled")
_COUNT_MEMORIES = query("count_memories")
_RESTORE_TARGET = query("restore_target")


@dataclass(frozen=True, slots=True)
class Place:
    """A database, as far as it matters for a move; `described` names it without credentials."""

    described: str
    identity: str
    name: str
    postgres: str
    size_bytes: int
    encoding: str
    collation: str
    is_read_only: bool
    pgvector: str | None
    is_citus: bool


@dataclass(frozen=True, slots=True)
class End:
    """One end of a move: the open database, its name, and its directory on this machine.

    `folder` is the data directory of an embedded one, else None.
    """

    database: Database
    described: str
    folder: Path | None = None


@dataclass(frozen=True, slots=True)
class MovePlan:
    """The plan of a move: source, target, and the mark of an earlier move at the source.

    `resumes`: that move continues. `replaces`: the contents of the target are dropped. `nodes`:
    over how many servers the target distributes the data, 0 if it does not. `is_distributed`: the
    source does.
    """

    source: Place
    target: Place
    memories: int
    source_mark: MoveMark | None
    resumes: bool
    replaces: bool
    nodes: int
    is_distributed: bool


async def look_at(source: End, target: End, *, replace: bool, restart: bool) -> MovePlan:
    """Read the state of both; raise whatever prevents the move. Changes nothing.

    Raises MoveError, SchemaError, StoreError.
    """
    async with source.database.across_spaces() as conn:
        here, ours = await _place(conn, source.described), await read_mark(conn)
    async with target.database.across_spaces() as conn:
        there, theirs = await _place(conn, target.described), await read_mark(conn)
    if here.identity == there.identity:
        raise MoveError(
            "both are the same database", hint="pass another one with --to, or with --from"
        )
    await _require_current(source)
    async with source.database.across_spaces() as conn:
        memories = await conn.fetchval(_COUNT_MEMORIES)
    if here.is_read_only:
        raise MoveError(
            phrase("the {place} is read-only", place=here.described),
            hint="pass the primary: writes during the move are recorded there",
        )
    nodes, is_distributed = await _nodes_of(target, there), source.database.is_distributed
    plan = MovePlan(
        here,
        there,
        memories,
        ours,
        resumes=True,
        replaces=False,
        nodes=nodes,
        is_distributed=is_distributed,
    )
    if _is_one_move(ours, theirs) and not restart:
        return plan
    if ours is not None and ours.state == MOVED and theirs is None:
        async with target.database.across_spaces() as conn:
            if ours.other == target.described and await has_unchecked_references(conn):
                return plan  # it ended after the switch
    if ours is not None and (ours.state == MOVED or not restart):
        raise _begun_elsewhere(ours)
    await _require_able(target, there)
    replaces = await _require_room_for_data(target, theirs, replace=replace)
    _require_space(target.folder, here, there)
    return replace_fields(plan, resumes=False, replaces=replaces)


def _is_one_move(ours: MoveMark | None, theirs: MoveMark | None) -> bool:
    """Return whether both are the two ends of one interrupted move."""
    return (
        ours is not None
        and theirs is not None
        and theirs.side == TARGET
        and ours.move_id == theirs.move_id
    )


async def _place(conn: Connection, described: str) -> Place:
    row = await conn.fetchrow(_PLACE)
    if row is None:
        raise MoveError("the database returned no information about itself")
    return Place(described, **row)


async def _nodes_of(target: End, there: Place) -> int:
    """Return how many servers share the data. Raises StoreError if one of them is not active."""
    if not there.is_citus:
        return 0
    async with target.database.across_spaces() as conn:
        nodes = [node for node in await read_nodes(conn) if node.has_shards]
    if nodes:
        require_active(nodes)
    return len(nodes)


async def _require_current(source: End) -> None:
    status = await migration_status(source.database)
    async with source.database.across_spaces() as conn:
        mark = await read_mark(conn)
    if status.problem is not None and (mark is None or mark.side == TARGET):
        raise status.problem
    if not status.applied:
        raise SchemaError(
            phrase("there are no tables of Sage in the {place}", place=source.described),
            hint="check --from, DATABASE_URL and SAGE_DATA_DIR",
        )
    if status.pending:
        raise SchemaError(
            "the schema of the old database is older than this release",
            hint="run `sage migrate up` on it first",
        )


def _begun_elsewhere(mark: MoveMark) -> MoveError:
    if mark.state == MOVED:
        return MoveError(
            phrase("its data was already moved to the {other}", other=mark.other),
            hint="set DATABASE_URL to that database, or remove it if it is the embedded one; to "
            "move it again from here, without what was saved there since, run `sage move --cancel` "
            "first",
        )
    return MoveError(
        phrase("a move to the {other} was begun and not finished", other=mark.other),
        hint="finish it with the same --to, end it with --cancel, or pass --restart",
    )


async def _require_able(target: End, there: Place) -> None:
    """Check that the server of the target can store the data. Raises MoveError."""
    async with target.database.across_spaces() as conn:
        failed = [
            (name, result)
            for name, result in await examine_server(conn)
            if result.status == "unhealthy"
        ]
    if failed:
        raise MoveError(
            phrase("the {place} cannot receive the data", place=there.described),
            detail=joined(
                "; ",
                [
                    phrase("{name}: {detail}", name=name, detail=result.detail)
                    for name, result in failed
                ],
            ),
            hint=joined("; ", list(dict.fromkeys(result.hint for _, result in failed))),
        )


async def _require_room_for_data(target: End, mark: MoveMark | None, *, replace: bool) -> bool:
    """Check that nothing is lost at the target; return whether its contents are replaced."""
    async with target.database.across_spaces() as conn:
        found = await conn.fetchrow(_RESTORE_TARGET)
        if found is None or not found["has_tables"]:
            return False
    if mark is not None and mark.side == TARGET:
        return True  # of a move that was given up, and never used
    status = await migration_status(target.database)
    # One whose migrations were interrupted, as by the end of an earlier run, has all tables.
    if status.problem is None and status.version >= known_migrations()[0].version:
        async with target.database.across_spaces() as conn:
            if not await conn.fetchval(_IS_FILLED):
                return False
            memories = await conn.fetchval(_COUNT_MEMORIES)
    else:
        memories = None
    if not replace:
        raise MoveError(
            phrase("the {place} already contains data of Sage", place=target.described)
            if memories is None
            else phrase(
                "the {place} already contains data of Sage: {memories}",
                place=target.described,
                memories=counted(memories, "memory", "memories"),
            ),
            detail="nothing was changed",
            hint="back it up and pass --replace to replace it, or choose an empty database",
        )
    if found["other_sessions"]:
        raise MoveError(
            phrase("a running Sage uses the {place}", place=target.described),
            detail="nothing was changed",
            hint="stop every Sage that uses it, for example with `sage down`, and try again",
        )
    return True


def _require_space(folder: Path | None, here: Place, there: Place) -> None:
    """Check that the disk of an embedded database has enough free space."""
    if folder is None:
        return
    found = next((one for one in (folder, *folder.parents) if one.exists()), folder)
    free = shutil.disk_usage(found).free
    if free < here.size_bytes:
        raise MoveError(
            phrase(
                "the disk of the {place} has {free} left, and the database takes {size}",
                place=there.described,
                free=size_text(free),
                size=size_text(here.size_bytes),
            ),
            detail="nothing was changed",
            hint="free some space, or choose another data directory",
        )
