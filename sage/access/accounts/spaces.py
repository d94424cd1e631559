"""Spaces: isolated sets of memories."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import TYPE_CHECKING

from sage.access.accounts.parsing import name_or_placeholder, validate_name
from sage.access.audit.management import record_change
from sage.access.authorization import SEE_SPACES, enter_all, no_space
from sage.domain.answer import Answer, doc
from sage.domain.caller import (
    ALL_SPACES,
    Caller,
    Grant,
    Principal,
    SpaceRole,
)
from sage.domain.memories import DEFAULT_SPACE
from sage.errors import ConflictError, NoSpaceError
from sage.phrases import phrase
from sage.store.named_sql import query

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from sage.store.connections.connection import Connection
    from sage.store.connections.pool import Database

_ALL = query("all_spaces")
_CREATE = query("create_space")
_ERASES = query("erases_in_space")
_FIND = query("find_spaces")
_IDENTIFY = query("identify_spaces")
_LIST = query("list_spaces")
_RENAME = query("rename_space")
_SET_MASKING = query("set_masking")

MASKING = ("on", "off", "default")
"""Whether secrets are masked in a space; `default` is the value of SAGE_MASK_SECRETS."""


@dataclass(frozen=True, slots=True)
class Space(Answer):
    """A space, and its numbers of messages and tokens."""

    name: str = field(metadata=doc("The name of the space."))
    created_at: datetime = field(metadata=doc("When the space was created, UTC."))
    memories: int = field(metadata=doc("The number of messages in the space."))
    tokens: int = field(metadata=doc("The number of tokens with access to the space."))
    retention_days: int | None = field(
        metadata=doc("For how many days memories are stored; null if they do not expire.")
    )
    masking: str = field(
        metadata=doc(
            "Whether secrets are masked: `on`, `off`, or `default` to follow the setting of"
            " the server."
        )
    )


class SpaceFinder:
    """Finds spaces by their names, for callers who may open all of them."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def id_of(self, name: str | None) -> str:
        """Return the id of a space, or of the default one. Raises NotFoundError, StoreError."""
        if name is None:
            return DEFAULT_SPACE
        async with self._database.across_spaces() as conn:
            return await find_space(conn, name)

    async def reader_of(self, name: str | None) -> Caller:
        """Return a reader of a space, of the default one, or of all for `*`.

        Raises NotFoundError, InvalidInputError for too many spaces, StoreError.
        """
        if name != ALL_SPACES:
            return Caller(await self.id_of(name))
        async with self._database.across_spaces() as conn:
            rows = await conn.fetch(_ALL)
        grants = (Grant(row["id"], row["name"], SpaceRole.READER) for row in rows)
        return enter_all(Principal(tuple(grants)), SpaceRole.READER)

    async def owner_of(self, name: str) -> Principal:
        """Return an owner of a space. Raises NotFoundError, StoreError."""
        return Principal((Grant(await self.id_of(name), name, SpaceRole.OWNER),), admin=True)

    async def owner_of_all(self, owner: Principal) -> Principal:
        """Return an owner of every space, the default one first. Raises StoreError."""
        async with self._database.across_spaces() as conn:
            rows = await conn.fetch(_ALL)
        grants = [Grant(row["id"], row["name"], SpaceRole.OWNER) for row in rows]
        grants.sort(key=lambda grant: grant.space_id != DEFAULT_SPACE)
        return replace(owner, grants=tuple(grants), all_spaces=True)


async def create_space(conn: Connection, name: str, *, called: str = "NAME") -> None:
    """Create an empty space; `called` is the argument with its name.

    Raises InvalidInputError, ConflictError, StoreError.
    """
    if not await conn.fetchval(_CREATE, validate_name(called, name)):
        raise ConflictError(
            phrase("the name {name} is, or was, the name of another space", name=repr(name)),
            hint=SEE_SPACES,
        )
    await record_change(conn, "create_space", name, space=name)


async def list_spaces(
    conn: Connection,
    ids: Sequence[str] | None = None,
    *,
    find: str | None = None,
    most: int | None = None,
) -> list[Space]:
    """Return all spaces by name, or those with one of these ids.

    With `find`, only those whose names contain it, in any case; at most `most`. Raises StoreError.
    """
    return [Space(**row) for row in await conn.fetch(_LIST, ids, find, most)]


async def rename_space(
    conn: Connection, name: str, new_name: str, *, called: str = "NEW_NAME"
) -> None:
    """Rename a space; tokens open it as before. `called` is the argument with the new name.

    Raises NotFoundError, InvalidInputError, ConflictError, StoreError.
    """
    (space_id,) = await find_spaces(conn, [name])
    if await conn.fetchval(_ERASES, name):
        raise ConflictError(
            phrase("memories of the space {name} are being erased", name=repr(name)),
            hint="rename it when the erasure has finished",
        )
    if not await conn.fetchval(_RENAME, name, validate_name(called, new_name)):
        raise ConflictError(
            phrase("the name {name} is, or was, the name of another space", name=repr(new_name)),
            hint=SEE_SPACES,
        )
    await record_change(conn, "rename_space", name, new_name, space=space_id)


async def set_masking(conn: Connection, name: str, masking: str) -> None:
    """Set whether secrets are masked in a space in the future. Raises NotFoundError, StoreError."""
    space_id = await find_space(conn, name)
    await conn.execute(_SET_MASKING, space_id, masking)
    await record_change(conn, "set_masking", name, masking, space=space_id)


async def find_spaces(conn: Connection, names: Sequence[str]) -> list[str]:
    """Return the ids of spaces, in the order of their names. Raises NotFoundError, StoreError."""
    ids = {row["name"]: row["id"] for row in await conn.fetch(_FIND, list(names))}
    if unknown := [name for name in names if name not in ids]:
        raise NoSpaceError(
            phrase("space {name} does not exist", name=repr(unknown[0])[:80]),
            hint=phrase(
                "create it with `sage space create {name}`; {see_spaces}",
                name=name_or_placeholder(unknown[0]),
                see_spaces=SEE_SPACES,
            ),
        )
    return [ids[name] for name in names]


async def find_space(conn: Connection, name: str) -> str:
    """Return the id of a space, by its current or its original name.

    Raises NotFoundError, which lists the existing spaces, and StoreError.
    """
    if space_id := (await identify_spaces(conn, [name])).get(name):
        return space_id
    raise no_space(name, [row["name"] for row in await conn.fetch(_ALL)])


async def ids_of_spaces(conn: Connection) -> list[str]:
    """Return the ids of all spaces. Raises StoreError."""
    return [row["id"] for row in await conn.fetch(_ALL)]


async def identify_spaces(conn: Connection, names: Iterable[str]) -> dict[str, str]:
    """Return the ids of the existing spaces among some names, current or original.

    Raises StoreError.
    """
    return {row["name"]: row["id"] for row in await conn.fetch(_IDENTIFY, [*names])}
