"""Codes and tokens in Postgres. Only the SHA-256 of each is stored; every use is one statement."""

from __future__ import annotations

import hmac
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from sage.access.accounts.secrets import digest, new_token, next_token
from sage.access.audit.management import record_change
from sage.store.named_sql import query
from sage.telemetry.logs import get_logger

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from sage.store.connections.connection import Connection
    from sage.store.connections.pool import Database

ACCESS_MARK = "sage_at_"
REFRESH_MARK = "sage_rt_"
CODE_LIFETIME = timedelta(minutes=1)

_EXCHANGES = {"code": "issue_tokens", "refresh": "refresh_tokens"}
_FIND = query("find_oauth_secret")
_CREATE = query("create_oauth_secret")
_LOCK_GRANT = query("lock_oauth_grant")
_USE = query("use_oauth_secret")
_REVOKE_REUSED = query("revoke_reused_oauth_secret")
_REVOKE = query("revoke_oauth_secret")

log = get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Secret:
    """A code or a refresh token: its client and what it grants."""

    client_id: str
    scopes: list[str]
    params: dict[str, Any] | None
    expires_at: datetime


@dataclass(frozen=True, slots=True)
class TokenPair:
    """An access token, and the refresh token with which its successor is obtained."""

    access: str
    refresh: str


@dataclass(frozen=True, slots=True)
class Lifetimes:
    """The lifetimes of codes and tokens."""

    access: timedelta
    refresh: timedelta


class SecretStore:
    """Stores and exchanges codes and tokens; `server_token` is SAGE_TOKEN."""

    def __init__(self, database: Database, server_token: str, lifetimes: Lifetimes) -> None:
        self._database = database
        self._server_digest = digest(server_token)
        self._key = hmac.digest(server_token.encode(), b"refresh tokens", "sha256")
        self.lifetimes = lifetimes

    async def find(self, kind: str, secret: str) -> Secret | None:
        """Return a code or a refresh token, used or not. Raises StoreError."""
        async with self._database.across_spaces() as conn:
            row = await conn.fetchrow(_FIND, digest(secret), kind)
        return None if row is None else Secret(**row)

    async def exchange(
        self, kind: str, secret: str, scopes: Sequence[str], ceiling: Sequence[str]
    ) -> TokenPair | None:
        """Use up a code or a refresh token and return the tokens it is exchanged for, or None.

        The access token has `scopes`; a refreshed one may have up to `ceiling`. A refresh token
        that is exchanged again in time has the same successor, so that there is one valid refresh
        token after it, however many copies exist. Any other reuse revokes the grant with all its
        tokens. Raises StoreError.
        """
        async with self._database.transaction_across_spaces() as conn:
            key = digest(secret)
            await conn.execute(_LOCK_GRANT, key)
            if used := await conn.fetchrow(_USE, self._server_digest, key, kind):
                app = {"token": f"oauth:{used['grant_id']}", "user": used["user_name"]}
                await record_change(conn, _EXCHANGES[kind], **app)
                refresh = (
                    next_token(secret, REFRESH_MARK, self._key)
                    if kind == "refresh"
                    else new_token(REFRESH_MARK)
                )
                pair = TokenPair(new_token(ACCESS_MARK), refresh)
                await self._keep_pair(conn, used["grant_id"], pair, scopes, ceiling)
                return pair
            revoked = await conn.fetchval(_REVOKE_REUSED, key)
            if revoked is not None:
                app = {"token": f"oauth:{revoked}", "outcome": "reused"}
                await record_change(conn, "revoke_app", **app)
        if revoked is not None:
            log.warning("oauth_secret_reused", kind=kind, grant=revoked)
        return None

    async def revoke(self, token: str, client_id: str) -> None:
        """Revoke the grant of a token, if it is that of the client. Raises StoreError."""
        async with self._database.transaction_across_spaces() as conn:
            revoked = await conn.fetchval(_REVOKE, digest(token), client_id)
            if revoked is not None:
                await record_change(conn, "revoke_app", token=f"oauth:{revoked}")

    async def _keep_pair(
        self,
        conn: Connection,
        grant_id: int,
        pair: TokenPair,
        scopes: Sequence[str],
        ceiling: Sequence[str],
    ) -> None:
        valid = self.lifetimes
        await store_secret(
            conn, grant_id, "access", pair.access, scopes=scopes, lifetime=valid.access
        )
        await store_secret(
            conn, grant_id, "refresh", pair.refresh, scopes=ceiling, lifetime=valid.refresh
        )


async def store_secret(  # noqa: PLR0913 - the columns of a row
    conn: Connection,
    grant_id: int,
    kind: str,
    secret: str,
    *,
    scopes: Sequence[str],
    lifetime: timedelta,
    params: Mapping[str, Any] | None = None,
) -> None:
    """Store the digest of a code or a token, unless it is already stored. Raises StoreError."""
    await conn.execute(_CREATE, digest(secret), grant_id, kind, [*scopes], params, lifetime)
