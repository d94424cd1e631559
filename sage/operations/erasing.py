"""Permanent erasure: for the operator of Sage, and for callers in the spaces that they manage.

Memories are counted before they are erased; the receipt lists where copies remain and is verified
against the database.
"""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from sage.access.accounts.tokens import list_tokens
from sage.access.accounts.users import knows_user
from sage.access.authorization import no_space, require_all
from sage.domain import limits
from sage.domain.accounts import Erasable
from sage.domain.validation import validate_text
from sage.errors import ConflictError
from sage.operations.backup.inventory import backup_folder, backups_of
from sage.operations.backup.manifest import read_origin
from sage.operations.backup.progress import unseen
from sage.phrases import phrase
from sage.service.erasure.erasing import Eraser
from sage.service.erasure.journal import just_erased
from sage.service.erasure.receipt import read_receipt, signed_receipt, write_receipt
from sage.service.erasure.target import measure
from sage.store.long_lock import long_lock
from sage.store.migrate import require_schema
from sage.store.named_sql import query

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    from sage.access.accounts.tokens import Token
    from sage.config.settings import Settings
    from sage.domain.caller import SpaceManager
    from sage.operations.backup.progress import ProgressStep
    from sage.service.erasure.journal import Erased
    from sage.service.erasure.target import ErasureExtent, ErasureTarget
    from sage.store.connections.connection import Connection
    from sage.store.connections.pool import Database

_COUNT_RETURNED = query("count_returned")
_ARCHIVES_ITS_LOG = query("archives_its_log")
_BACKUP_ORIGIN = query("backup_origin")
_TRY_LOCK = query("try_lock_erasure")
_OLD_DATABASES = "postgres-[0-9]*"


async def measured(database: Database, target: ErasureTarget) -> ErasureExtent:
    """Count what would be erased. Raises NotFoundError, StoreError."""
    await require_schema(database)
    async with database.across_spaces() as conn:
        return await measure(conn, target)


async def erase_target(
    database: Database,
    settings: Settings,
    target: ErasureTarget,
    step: ProgressStep = unseen,
    *,
    only_begun: bool = False,
) -> tuple[Path, Mapping[str, Any], Mapping[str, Sequence[str]]]:
    """Erase a target; return the receipt's path and content, and the removed tokens and users.

    An interrupted erasure is resumed; with `only_begun` none is begun. Raises NotFoundError,
    ConflictError, also if another process is erasing it or has just erased it, SageError.
    """
    async with (
        long_lock(database, _TRY_LOCK, target.key) as is_mine,
        database.maintenance_connection() as conn,
    ):
        if not is_mine:
            raise ConflictError(
                phrase("{target} is being erased by another process", target=target.text),
                hint="wait until it is done; its receipt is in `receipts`",
            )
        async with conn.transaction():
            extent = await measure(conn, target)
        if only_begun and not extent.begun:
            raise just_erased()
        eraser = Eraser(conn, target, extent)
        with step("erasing", extent.memories) as progress:
            erased = await eraser.erase(progress.advance)
        left = await find_leftovers(conn, settings)
        path, receipt = await asyncio.to_thread(
            _write_receipt, settings.data_dir, target, erased, left
        )
        await eraser.end(erased)
    return path, receipt, eraser.removed


def _write_receipt(
    data_dir: Path, target: ErasureTarget, erased: Erased, left: Leftovers
) -> tuple[Path, Mapping[str, Any]]:
    """Write the receipt, which takes seconds for a million memories; return its path and content.

    Raises SageError.
    """
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
    return write_receipt(data_dir, receipt["erasure_id"], receipt), receipt


async def verify_receipt(
    database: Database, settings: Settings, path: Path
) -> tuple[Mapping[str, Any], int]:
    """Verify a receipt, and count the memories in it that exist in the database.

    Raises InvalidInputError, StoreError.
    """
    receipt = read_receipt(settings.data_dir, path)
    await require_schema(database)
    digests = [bytes.fromhex(one) for one in receipt["memory_id_sha256"]]
    async with database.maintenance_connection() as conn, conn.transaction():
        return receipt, await conn.fetchval(_COUNT_RETURNED, digests)


@dataclass(frozen=True, slots=True)
class Leftovers:
    """Files made before an erasure, and whether the server archives its WAL."""

    backups: tuple[Path, ...]
    old_databases: tuple[Path, ...]
    archives_log: bool


async def find_leftovers(conn: Connection, settings: Settings) -> Leftovers:
    """Find the backups of this database, and the remains of upgrades of PostgreSQL.

    Raises StoreError.
    """
    origin = read_origin(await conn.fetchval(_BACKUP_ORIGIN))
    return Leftovers(
        tuple(backups_of(backup_folder(settings), origin.database_since)),
        tuple(sorted(settings.data_dir.glob(_OLD_DATABASES))),
        bool(await conn.fetchval(_ARCHIVES_ITS_LOG)),
    )


async def preview_erasure(
    database: Database, manager: SpaceManager, target: ErasureTarget
) -> Erasable:
    """Return what would be erased.

    Raises InvalidInputError, NotFoundError, ForbiddenError, StoreError.
    """
    require_managed(manager, target)
    async with database.across_spaces() as conn:
        extent = await measure(conn, target)
        tokens = [one.name for one in await list_tokens(conn) if _goes_with(target, one)]
        is_user = target.is_person and await knows_user(conn, str(target.author))
    name = target.name
    users = (name,) if is_user else ()
    return Erasable(name, extent.memories, extent.sessions, tuple(tokens), users, extent.begun)


async def read_managed_receipt(
    settings: Settings, manager: SpaceManager, erasure_id: str
) -> Mapping[str, Any]:
    """Return the signed receipt of an erasure. Raises ForbiddenError, NotFoundError."""
    require_all(manager)
    return await asyncio.to_thread(signed_receipt, settings.data_dir, erasure_id)


def require_managed(manager: SpaceManager, target: ErasureTarget) -> None:
    """Raise unless the manager manages every space of a target. Raises as these calls do."""
    if target.author is not None:
        validate_text("author", target.author, limits.MAX_NAME_CHARS)
    if target.space is None:
        require_all(manager)
    elif not manager.manages(target.space):
        raise no_space(target.space, sorted(manager.owned.values()))


def _goes_with(target: ErasureTarget, token: Token) -> bool:
    """Return whether a token is removed together with a target."""
    if token.is_app:
        return False
    if target.is_space:
        return token.spaces == {target.space}
    saves_as = token.name if token.user_name is None else token.user_name
    return target.is_person and saves_as == target.author
