"""Finds who is behind an access token."""

from __future__ import annotations

from contextlib import suppress
from typing import TYPE_CHECKING

from sage.access.accounts.secrets import digest
from sage.access.oauth.scopes import SCOPES, role_within
from sage.access.oauth.store import ACCESS_MARK
from sage.domain.caller import OWNER_OF_DEFAULT, Grant, Principal, SpaceRole
from sage.errors import StoreError
from sage.store.named_sql import query

if TYPE_CHECKING:
    from sage.store.connections.pool import Database

_DOTS_OF_JWT = 2
_LOOK_UP = query("look_up_oauth_token")
_RECORD_USE = query("record_grant_use")


def is_by_oauth(token: str) -> bool:
    """Return whether a token has the form of one by OAuth: an app's, or a signed one (JWT)."""
    return token.startswith(ACCESS_MARK) or token.count(".") == _DOTS_OF_JWT


class OAuthGate:
    """Looks every access token up, so that what is revoked opens nothing from then on."""

    def __init__(self, database: Database, server_digest: bytes) -> None:
        self._database = database
        self._server_digest = server_digest

    async def principal_of(self, token: str) -> Principal | None:
        """Return the user of an app: their spaces, each with at most the role of its scopes.

        None where the token is unknown, has expired, or its grant was revoked. Raises StoreError.
        """
        async with self._database.across_spaces() as conn:
            found = await conn.fetchval(_LOOK_UP, self._server_digest, digest(token))
            if found is None:
                return None
            grant_id, scopes, user, author, is_stale, *spaces, roles = found
            if is_stale:
                with suppress(StoreError):  # a database that takes no writes can be searched
                    await conn.execute(_RECORD_USE, grant_id)
        # Without an author the user signed in with SAGE_TOKEN.
        opened = (
            OWNER_OF_DEFAULT.grants
            if author is None
            else map(Grant, *spaces, map(SpaceRole, roles))
        )
        grants = tuple(
            Grant(
                one.space_id,
                one.space,
                role_within(one.role, scopes),
                within_reach=role_within(one.role, SCOPES),
            )
            for one in opened
        )
        return Principal(grants, author, token=f"oauth:{grant_id}", user=user)
