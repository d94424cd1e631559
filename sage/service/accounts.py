"""Management of spaces and users: owners manage their spaces, others the whole server."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sage.access.accounts.spaces import create_space, list_spaces
from sage.access.accounts.tokens import list_tokens
from sage.access.accounts.users import add_user, list_users, remove_user
from sage.access.audit.event import note_recorded
from sage.access.authorization import require_all
from sage.domain import limits
from sage.domain.accounts import Revoked
from sage.domain.validation import validate_number, validate_text
from sage.store.named_sql import query

if TYPE_CHECKING:
    from sage.access.accounts.spaces import Space
    from sage.access.accounts.users import User
    from sage.domain.caller import SpaceManager
    from sage.store.connections.pool import Database


_COUNT_SPACES = query("count_spaces")


class AccountService:
    """Does for callers what `sage space` and `sage user` do with access to the database."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def list_spaces(
        self, manager: SpaceManager, *, find: str | None = None, most: int | None = None
    ) -> list[Space]:
        """Return the spaces that a caller manages, by name.

        With `find` only those whose names contain it; at most `most`. Raises InvalidInputError,
        StoreError.
        """
        if find:
            validate_text("find", find, limits.MAX_NAME_CHARS)
        if most is not None:
            validate_number("limit", most, 1, limits.MAX_SPACES_LISTED)
        ids = None if manager.manages_all else [*manager.owned]
        async with self._database.across_spaces() as conn:
            return await list_spaces(conn, ids, find=find, most=most)

    async def count_spaces(self) -> int:
        """Return how many spaces there are. Raises StoreError."""
        async with self._database.across_spaces() as conn:
            return int(await conn.fetchval(_COUNT_SPACES))

    async def create_space(self, manager: SpaceManager, name: str) -> Space:
        """Create an empty space. Raises ForbiddenError, InvalidInputError, ConflictError."""
        require_all(manager)
        async with self._database.transaction_across_spaces() as conn:
            await create_space(conn, name, called="name")
            made = next(one for one in await list_spaces(conn, [name]))
        note_recorded()
        return made

    async def list_users(self, manager: SpaceManager) -> list[User]:
        """Return all users by name. Raises ForbiddenError, StoreError."""
        require_all(manager)
        async with self._database.across_spaces() as conn:
            return await list_users(conn)

    async def add_user(self, manager: SpaceManager, name: str) -> User:
        """Add a user without tokens. Raises ForbiddenError, InvalidInputError, ConflictError."""
        require_all(manager)
        async with self._database.transaction_across_spaces() as conn:
            await add_user(conn, name, called="name")
            made = next(one for one in await list_users(conn) if one.name == name)
        note_recorded()
        return made

    async def remove_user(self, manager: SpaceManager, name: str) -> Revoked:
        """Remove a user and revoke all their tokens; the memories that they saved remain.

        Raises ForbiddenError, NotFoundError, StoreError.
        """
        require_all(manager)
        async with self._database.transaction_across_spaces() as conn:
            theirs = [one for one in await list_tokens(conn) if one.user_name == name]
            await remove_user(conn, name)
        note_recorded()
        closed = sorted({space for one in theirs for space in one.spaces})
        return Revoked(name, tuple(closed), is_gone=True)
