"""Finds whose token it is that somebody shows."""

from __future__ import annotations

from contextlib import suppress
from typing import TYPE_CHECKING

from sage.access.accounts.recent_tokens import RecentTokens
from sage.access.accounts.secrets import digest, is_token
from sage.domain.caller import Grant, Principal, SpaceRole
from sage.errors import StoreError
from sage.store.named_sql import query
from sage.store.token_check import pending_check

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
        self.recent = RecentTokens()

    async def principal_of(self, token: str) -> Principal | None:
        """Return who shows a token; None where it is unknown, revoked or has expired.

        It is looked up by its digest, so that how long this takes tells nothing about it.
        Raises StoreError.
        """
        if not is_token(token):
            return None
        shown = digest(token)
        async with self._database.across_spaces() as conn:
            found = await conn.fetchval(_LOOK_UP, shown)
            if found is None:
                return None
            token_id, name, user, is_stale, version, *spaces, roles = found
            if is_stale:
                with suppress(StoreError):  # a database that takes no writes can be searched
                    await conn.execute(_RECORD_USE, token_id)
        grants = tuple(map(Grant, *spaces, map(SpaceRole, roles)))
        principal = Principal(grants, author=user or name, token=name, user=user)
        if not is_stale:
            self.recent.add(shown, principal, version)
        return principal

    async def digests_of(self, key_ids: Sequence[bytes]) -> list[bytes]:
        """Return the digests of those tokens whose keys have one of these ids. Raises StoreError.

        A digest is the key that hooks and Sage share (`sage.clients.hooks.proof`).
        """
        async with self._database.across_spaces() as conn:
            return [row["digest"] for row in await conn.fetch(_FIND_KEYS, [*key_ids])]

    async def confirms(self) -> bool:
        """Return whether the token of the request at hand opens what it was assumed to.

        The check that this takes is made unless a statement has made it already.
        """
        if pending_check():
            with suppress(StoreError):
                async with self._database.across_spaces():
                    pass  # lending the connection makes the check
        return pending_check() is None
