"""Finds whose token it is that somebody shows."""

from __future__ import annotations

from contextlib import suppress
from typing import TYPE_CHECKING

from sage.access.accounts.secrets import digest, is_token
from sage.domain.caller import Grant, Principal, SpaceRole
from sage.errors import StoreError
from sage.store.named_sql import query

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sage.store.connections.pool import Database

_FIND_KEYS = query("find_token_keys")
_LOOK_UP = query("look_up_token")
_RECORD_USE = query("record_use")


class TokenGate:
    """Looks every token up in the database, so that it can be revoked at once in all processes."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def principal_of(self, token: str) -> Principal | None:
        """Return who shows a token; None where it is unknown, revoked or has expired.

        It is looked up by its digest, so that how long this takes tells nothing about it.
        Raises StoreError.
        """
        if not is_token(token):
            return None
        async with self._database.across_spaces() as conn:
            found = await conn.fetchval(_LOOK_UP, digest(token))
            if found is None:
                return None
            token_id, name, user, is_stale, *spaces, roles = found
            if is_stale:
                with suppress(StoreError):  # a database that takes no writes can be searched
                    await conn.execute(_RECORD_USE, token_id)
        grants = tuple(map(Grant, *spaces, map(SpaceRole, roles)))
        return Principal(grants, author=user or name, token=name, user=user)

    async def digests_of(self, key_ids: Sequence[bytes]) -> list[bytes]:
        """Return the digests of those tokens whose keys have one of these ids. Raises StoreError.

        A digest is the key that hooks and Sage share (`sage.clients.hooks.proof`).
        """
        async with self._database.across_spaces() as conn:
            return [row["digest"] for row in await conn.fetch(_FIND_KEYS, [*key_ids])]
