"""The settings of a space: its name, the retention of its memories, whether secrets are masked."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sage.access.accounts.spaces import (
    MASKING,
    find_space,
    list_spaces,
    rename_space,
    set_masking,
)
from sage.access.audit.event import note_recorded
from sage.access.authorization import no_space, require_all
from sage.errors import InvalidInputError
from sage.phrases import numbered, phrase
from sage.service.erasure.retention import count_aged, read_days, set_retention

if TYPE_CHECKING:
    from sage.access.accounts.spaces import Space
    from sage.domain.accounts import SpaceChange
    from sage.domain.caller import SpaceManager
    from sage.store.connections.connection import Connection
    from sage.store.connections.pool import Database


class SpaceSettings:
    """Does for callers what `sage space` does with access to the database.

    An owner changes the settings of their spaces. Only a manager of all spaces may rename one: an
    owner would learn which names spaces of others have.
    """

    def __init__(self, database: Database) -> None:
        self._database = database

    async def read(self, manager: SpaceManager, name: str) -> Space:
        """Read a space that the caller manages. Raises NoSpaceError, StoreError."""
        async with self._database.across_spaces() as conn:
            return await _read(conn, await _managed(conn, manager, name))

    async def count_older(self, manager: SpaceManager, name: str, retention: str) -> int:
        """Return how many memories of a space a retention would delete.

        Raises NoSpaceError, InvalidInputError, StoreError.
        """
        days = read_days(retention, called="retention")
        async with self._database.across_spaces() as conn:
            await _managed(conn, manager, name)
            return 0 if days is None else await count_aged(conn, name, days)

    async def change(self, manager: SpaceManager, name: str, change: SpaceChange) -> Space:
        """Make all changes to a space, or none.

        Raises NoSpaceError, ForbiddenError, InvalidInputError, ConflictError, StoreError.
        """
        if change.name is not None:
            require_all(manager)
        if (change.name, change.retention, change.masking) == (None, None, None):
            raise InvalidInputError(
                "name",
                "{field}: there is nothing to change",
                hint="pass retention, masking or name",
            )
        async with self._database.transaction_across_spaces() as conn:
            space_id = await _managed(conn, manager, name)
            if change.masking is not None:
                await set_masking(conn, name, _masking(change.masking))
            if change.retention is not None:
                await _set_retention(conn, name, change.retention, change.confirm)
            if change.name is not None:
                await rename_space(conn, name, change.name, called="name")
            changed = await _read(conn, space_id)
        note_recorded()
        return changed


async def _managed(conn: Connection, manager: SpaceManager, name: str) -> str:
    """Return the id of a space that the caller manages.

    Raises NoSpaceError, the same for a space that others manage and one that does not exist.
    """
    if not manager.manages(name):
        raise no_space(name, sorted(manager.owned.values()))
    return await find_space(conn, name)


async def _read(conn: Connection, space_id: str) -> Space:
    (space,) = await list_spaces(conn, [space_id])
    return space


def _masking(wanted: str) -> str:
    if wanted not in MASKING:
        raise InvalidInputError(
            "masking",
            phrase("{field}: {text} is not a valid value", text=repr(wanted)[:40]),
            hint="pass on, off or default",
        )
    return wanted


async def _set_retention(conn: Connection, name: str, wanted: str, confirm: str | None) -> None:
    days = read_days(wanted, called="retention")
    aged = 0 if days is None else await count_aged(conn, name, days)
    if aged and confirm != name:
        raise InvalidInputError(
            "confirm",
            numbered(
                "{field}: {count:,} memory is older, and would be permanently deleted",
                "{field}: {count:,} memories are older, and would be permanently deleted",
                count=aged,
            ),
            hint="pass the name of the space as confirm",
        )
    await set_retention(conn, name, days)
