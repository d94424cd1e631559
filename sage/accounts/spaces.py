"""Spaces: memories kept apart."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from sage.accounts.names import validate_name
from sage.errors import ConflictError, NotFoundError
from sage.store.named_sql import query

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from sage.store.connection import Connection

_CREATE = query("create_space")
_FIND = query("find_spaces")
_LIST = query("list_spaces")
_RENAME = query("rename_space")

_SEE = "`sage space list` shows all"


@dataclass(frozen=True, slots=True)
class Space:
    """A space, how many memories it holds, and how many tokens open it."""

    name: str
    created_at: datetime
    memories: int
    tokens: int


async def create_space(conn: Connection, name: str) -> None:
    """Create an empty space. Raises ConflictError, StoreError."""
    if not await conn.fetchval(_CREATE, validate_name("NAME", name)):
        raise ConflictError(f"the name {name!r} is or was that of another space", hint=_SEE)


async def list_spaces(conn: Connection) -> list[Space]:
    """Return all spaces by name. Raises StoreError."""
    return [Space(**row) for row in await conn.fetch(_LIST)]


async def rename_space(conn: Connection, name: str, new_name: str) -> None:
    """Rename a space; tokens open it as before. Raises NotFoundError, ConflictError, StoreError."""
    await find_spaces(conn, [name])
    if not await conn.fetchval(_RENAME, name, validate_name("NEW_NAME", new_name)):
        raise ConflictError(f"the name {new_name!r} is or was that of another space", hint=_SEE)


async def find_spaces(conn: Connection, names: Sequence[str]) -> list[str]:
    """Return the ids of spaces, in the order of their names. Raises NotFoundError, StoreError."""
    ids = {row["name"]: row["id"] for row in await conn.fetch(_FIND, list(names))}
    if unknown := [name for name in names if name not in ids]:
        raise NotFoundError(f"there is no space {unknown[0]!r:.80}", hint=_SEE)
    return [ids[name] for name in names]
