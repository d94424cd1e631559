"""Copy existing rows by ranges of their keys, resumable: a copied range is not copied again."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sage.operations.move.tables import carry, insist, unhurried
from sage.store.named_sql import query

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sage.operations.backup.progress import ProgressStep
    from sage.operations.move.tables import Sides
    from sage.store.connections.connection import Connection

_PROGRESS = query("read_moving_progress")
_RECORD_PROGRESS = query("record_moving_progress")
_END_PROGRESS = query("end_moving_progress")
_DETACHMENTS = query("moving_detachments")
_DETACHED = query("list_moving_detached")
_DELETE_DETACHED = query("delete_moving_detached")
_DELETE_STRAY_UNLINKED = query("delete_stray_unlinked")

_CHECKS = ["trigger", "reference"]
_ROWS_AT_ONCE = 4_000


async def detach(target: Connection) -> None:
    """Remove from the tables of the target whatever would be built or checked for each row.

    Removed objects are recorded, to be restored. Raises StoreError.
    """
    await target.execute(_DETACHMENTS)
    for row in await target.fetch(_DETACHED):
        await target.execute(row["detach"])


async def build_indexes(target: Connection, step: ProgressStep) -> None:
    """Rebuild the indexes that were removed, except those of vectors. Raises StoreError."""
    async with unhurried(target):
        statements = await _detached(target, ["index"])
        with step("building indexes", len(statements)) as progress:
            for statement in statements:
                await target.execute(statement)
                progress.advance(1)
        await target.execute(_DELETE_DETACHED, ["index"])


async def attach_checks(target: Connection) -> None:
    """Restore triggers and foreign keys, the latter not validated. Raises StoreError."""

    async def attach() -> None:
        await target.execute(_DELETE_STRAY_UNLINKED)
        for statement in await _detached(target, _CHECKS):
            await target.execute(statement)
        await target.execute(_DELETE_DETACHED, _CHECKS)

    await insist(target, attach)


async def has_checks(target: Connection) -> bool:
    """Return whether triggers and foreign keys were restored. Raises StoreError."""
    return not await _detached(target, _CHECKS)


async def _detached(target: Connection, kinds: Sequence[str]) -> list[str]:
    rows = await target.fetch(_DETACHED)
    return [row["attach"] for row in rows if row["kind"] in kinds]


async def has_copied(target: Connection) -> bool:
    """Return whether anything was copied. Raises StoreError."""
    return bool(await target.fetch(_PROGRESS))


async def copy_tables(sides: Sides, step: ProgressStep) -> None:
    """Copy all rows of all tables, resuming an interrupted run.

    Rows that are written meanwhile may be copied or not: the journal has them in either case.
    Raises StoreError.
    """
    done = {row["table_name"]: row for row in await sides.target.fetch(_PROGRESS)}
    total = 0
    for table in sides.tables:
        total += await sides.source.fetchval(table.count_rows)
    with step("copying, rows", total) as progress:
        for table in sides.tables:
            before = done.get(table.name)
            if before is not None:
                progress.advance(before["rows"])
            last = None if before is None else before["last_key"]
            if before is not None and before["is_done"]:
                continue
            while True:
                bound = (
                    await sides.source.fetchrow(table.first_bound, str(_ROWS_AT_ONCE))
                    if last is None
                    else await sides.source.fetchrow(table.next_bound, last, str(_ROWS_AT_ONCE))
                )
                if bound is None:
                    await sides.target.execute(_END_PROGRESS, table.name)
                    break
                until, rows = bound["last_key"], bound["number"]
                async with unhurried(sides.target):
                    async with unhurried(sides.source):
                        if last is None:
                            await carry(sides, table, table.first_rows, until)
                        else:
                            await carry(sides, table, table.next_rows, last, until)
                    await sides.target.execute(_RECORD_PROGRESS, table.name, until, rows)
                last = until
                progress.advance(rows)
