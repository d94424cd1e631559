"""Codes and tokens in Postgres. Of each only the SHA-256 is kept; every use is one statement."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from sage.accounts.secrets import digest, new_token
from sage.logs import get_logger
from sage.store.named_sql import query

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from sage.store.connection import Connection
    from sage.store.pool import Database

ACCESS_MARK = "sage_at_"
REFRESH_MARK = "sage_rt_"
CODE_LIFETIME = timedelta(minutes=1)
ACCESS_LIFETIME = timedelta(hours=24)
REFRESH_LIFETIME = timedelta(days=60)

_FIND = query("find_oauth_secret")
_CREATE = query("create_oauth_secret")
_LOCK_GRANT = query("lock_oauth_grant")
_USE = query("use_oauth_secret")
_REVOKE_REUSED = query("revoke_reused_oauth_secret")
_REVOKE = query("revoke_oauth_secret")

log = get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Secret:
    """A code or a refresh token: whose it is and what it is good for."""

    client_id: str
    scopes: list[str]
    params: dict[str, Any] | None
    expires_at: datetime


@dataclass(frozen=True, slots=True)
class TokenPair:
    """An access token, and the refresh token that its successor is fetched with."""

    access: str
    refresh: str


class SecretStore:
    """Keeps and takes codes and tokens; `server_digest` is that of SAGE_TOKEN."""

    def __init__(self, database: Database, server_digest: bytes) -> None:
        self._database = database
        self._server_digest = server_digest

    async def find(self, kind: str, secret: str) -> Secret | None:
        """Return a code or a refresh token, used or not. Raises StoreError."""
        async with self._database.connection() as conn:
            row = await conn.fetchrow(_FIND, digest(secret), kind)
        return None if row is None else Secret(**row)

    async def exchange(
        self, kind: str, secret: str, scopes: Sequence[str], ceiling: Sequence[str]
    ) -> TokenPair | None:
        """Use up a code or a refresh token and return what it is exchanged for, or None.

        The access token has `scopes`; what it is refreshed with may have up to `ceiling`. One that
        was used before ends its grant, with all that was handed out. Raises StoreError.
        """
        async with self._database.transaction() as conn:
            key = digest(secret)
            await conn.execute(_LOCK_GRANT, key)
            grant_id = await conn.fetchval(_USE, self._server_digest, key, kind)
            if grant_id is not None:
                return await self._issue(conn, grant_id, scopes, ceiling)
            revoked = await conn.fetchval(_REVOKE_REUSED, key)
        if revoked is not None:
            log.warning("oauth_secret_reused", kind=kind, grant=revoked)
        return None

    async def revoke(self, token: str, client_id: str) -> None:
        """Revoke the grant of a token, if it is that of the client. Raises StoreError."""
        async with self._database.connection() as conn:
            await conn.execute(_REVOKE, digest(token), client_id)

    async def _issue(
        self, conn: Connection, grant_id: int, scopes: Sequence[str], ceiling: Sequence[str]
    ) -> TokenPair:
        pair = TokenPair(new_token(ACCESS_MARK), new_token(REFRESH_MARK))
        await keep_secret(
            conn, grant_id, "access", pair.access, scopes=scopes, lifetime=ACCESS_LIFETIME
        )
        await keep_secret(
            conn, grant_id, "refresh", pair.refresh, scopes=ceiling, lifetime=REFRESH_LIFETIME
        )
        return pair


async def keep_secret(  # noqa: PLR0913 - the columns of a row
    conn: Connection,
    grant_id: int,
    kind: str,
    secret: str,
    *,
    scopes: Sequence[str],
    lifetime: timedelta,
    params: Mapping[str, Any] | None = None,
) -> None:
    """Keep the digest of a code or a token. Raises StoreError."""
    await conn.execute(_CREATE, digest(secret), grant_id, kind, [*scopes], params, lifetime)
