"""Erase for good: count, erase and write the receipt; compare one with the database."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from sage.operations.backup.progress import unseen
from sage.operations.leftovers import find_leftovers
from sage.service.erasure.erasing import Eraser
from sage.service.erasure.receipt import read_receipt, write_receipt
from sage.service.erasure.target import measure
from sage.store.migrate import require_schema
from sage.store.named_sql import query

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    from sage.config.settings import Settings
    from sage.operations.backup.progress import ProgressStep
    from sage.service.erasure.target import ErasureExtent, ErasureTarget
    from sage.store.connections.pool import Database

_COUNT_RETURNED = query("count_returned")


async def measured(database: Database, target: ErasureTarget) -> ErasureExtent:
    """Count what would be erased. Raises NotFoundError, StoreError."""
    await require_schema(database)
    async with database.across_spaces() as conn:
        return await measure(conn, target)


async def erase_target(
    database: Database, settings: Settings, target: ErasureTarget, step: ProgressStep = unseen
) -> tuple[Path, Mapping[str, Any], Mapping[str, Sequence[str]]]:
    """Erase a target; return the path of the receipt, what it says, and the tokens and users gone.

    What was interrupted goes on. Raises NotFoundError, ConflictError, SageError.
    """
    async with database.maintenance_connection() as conn:
        async with conn.transaction():
            extent = await measure(conn, target)
        eraser = Eraser(conn, target, extent)
        with step("erasing", extent.memories) as progress:
            erased = await eraser.erase(progress.advance)
        left = await find_leftovers(conn, settings)
        receipt: dict[str, Any] = {
            "erasure_id": str(erased.erasure_id),
            "target": {"space": target.space, "session": target.session, "author": target.author},
            "begun_at": erased.begun_at.isoformat(),
            "finished_at": datetime.now(UTC).isoformat(timespec="seconds"),
            "rows": dict(sorted(erased.rows.items())),
            "memory_id_sha256": sorted(digest.hex() for digest in erased.digests),
            "left_in": {
                "backups": [str(path) for path in left.backups],
                "old_databases": [str(path) for path in left.old_databases],
                "log_archive": left.archives_log,
            },
        }
        path = write_receipt(settings.data_dir, receipt["erasure_id"], receipt)
        await eraser.end(erased)
    return path, receipt, eraser.removed


async def verify_receipt(
    database: Database, settings: Settings, path: Path
) -> tuple[Mapping[str, Any], int]:
    """Check a receipt, and count the memories that it names and that are in the database.

    Raises InvalidInputError, StoreError.
    """
    receipt = read_receipt(settings.data_dir, path)
    await require_schema(database)
    digests = [bytes.fromhex(one) for one in receipt["memory_id_sha256"]]
    async with database.maintenance_connection() as conn, conn.transaction():
        return receipt, await conn.fetchval(_COUNT_RETURNED, digests)
