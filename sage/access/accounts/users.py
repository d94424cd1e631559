"""Users: people all of whose tokens save under one name."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING

from sage.access.accounts.authors import check_is_no_token, check_not_reserved
from sage.access.accounts.parsing import name_or_placeholder, validate_name
from sage.access.audit.management import record_change
from sage.clients.connect.server import MACHINE_MARK
from sage.domain.answer import Answer, doc
from sage.errors import ConflictError, NotFoundError
from sage.phrases import phrase
from sage.store.named_sql import query

if TYPE_CHECKING:
    from sage.store.connections.connection import Connection

_CREATE = query("create_user")
_FIND = query("find_user")
_LIST = query("list_users")
_REMOVE = query("remove_user")


@dataclass(frozen=True, slots=True)
class User(Answer):
    """A user, how many tokens they have, and when one was last used."""

    name: str = field(
        metadata=doc("The name of the user; it is the author of what their tokens save.")
    )
    created_at: datetime = field(metadata=doc("When the user was added, UTC."))
    tokens: int = field(metadata=doc("The number of tokens of the user."))
    last_used_at: datetime | None = field(
        metadata=doc(
            "When one of their tokens was last used, UTC, to the minute; null if none was."
        )
    )
    opens: tuple[str, ...] = field(
        metadata=doc(
            "The spaces that their valid tokens have access to, each with the highest role"
            " in it: `team:reader`, or `team:hooks` for the hooks and imports of machines"
            " only."
        )
    )


async def add_user(conn: Connection, name: str, *, called: str = "NAME") -> None:
    """Add a user without tokens; `called` is the argument with their name.

    Raises InvalidInputError, ConflictError, StoreError.
    """
    check_not_reserved(called, name)
    await check_is_no_token(conn, name)
    if not await conn.fetchval(_CREATE, validate_name(called, name)):
        raise ConflictError(
            phrase("user {name} already exists", name=repr(name)), hint="choose another name"
        )
    await record_change(conn, "add_user", name)


async def list_users(conn: Connection) -> list[User]:
    """Return all users by name. Raises StoreError."""
    rows = await conn.fetch(_LIST, MACHINE_MARK)
    return [User(**{**row, "opens": tuple(row["opens"])}) for row in rows]


async def remove_user(conn: Connection, name: str) -> None:
    """Remove a user and revoke all their tokens; what they saved remains.

    Raises NotFoundError, StoreError.
    """
    if not await conn.fetchval(_REMOVE, name):
        raise _unknown(name)
    await record_change(conn, "remove_user", name)


async def knows_user(conn: Connection, name: str) -> bool:
    """Return whether a user of that name exists. Raises StoreError."""
    return bool(await conn.fetchval(_FIND, name))


async def require_user(conn: Connection, name: str) -> None:
    """Raise NotFoundError unless a user of that name exists. Raises StoreError."""
    if not await knows_user(conn, name):
        raise _unknown(name)


def _unknown(name: str) -> NotFoundError:
    return NotFoundError(
        phrase("user {name} does not exist", name=repr(name)[:80]),
        hint=phrase(
            "add one with `sage user add {name}`; `sage user list` lists all users",
            name=name_or_placeholder(name),
        ),
    )
