"""Accept signed tokens (JWT) of an external issuer, for this resource and named subjects."""

from __future__ import annotations

import asyncio
import json
import time
from contextlib import suppress
from typing import TYPE_CHECKING, Any

import jwt
from jwt import PyJWK
from jwt.exceptions import PyJWTError

from sage.access.oauth.scopes import SCOPES, role_within
from sage.access.oauth.small_files import TIMEOUT_S, fetch_small
from sage.domain.caller import Grant, Principal, SpaceRole
from sage.store.named_sql import query
from sage.telemetry.logs import get_logger

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Mapping

    from sage.store.connections.pool import Database

ALGORITHMS = ("RS256", "ES256")
"""Algorithms with public keys: a secret shared with the issuer, or none at all, proves nothing."""
_MAX_BYTES = 64 * 1024
_REST_S = 30.0
_MAX_AGE_S = 3600.0
_MAX_STALE_S = 86_400.0

log = get_logger(__name__)


class IssuerKeys:
    """Caches keys for an hour, and fetches them at most every 30 s, whatever tokens name."""

    def __init__(
        self,
        url: str,
        fetch: Callable[[str], Awaitable[bytes]] | None = None,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._url = url
        self._fetch = fetch or fetch_keys
        self._clock = clock
        self._reading = asyncio.Lock()
        self._keys: Mapping[str, PyJWK] = {}
        self._tried_at = self._read_at = float("-inf")

    async def key(self, key_id: str) -> PyJWK | None:
        """Return a key by its id; None if the issuer has no such key."""
        if self._is_due(key_id):
            async with self._reading:
                if self._is_due(key_id):
                    await self._read()
        return self._keys.get(key_id)

    def _is_due(self, key_id: str) -> bool:
        rest_s = _MAX_AGE_S if key_id in self._keys else _REST_S
        return self._clock() - self._tried_at >= rest_s

    async def _read(self) -> None:
        """Fetch the keys. While that fails, the previous ones remain valid for a day."""
        try:
            async with asyncio.timeout(TIMEOUT_S):
                self._keys = _usable(await self._fetch(self._url))
            self._read_at = self._clock()
        except (OSError, ValueError) as error:
            reason = str(error)[:200]
            log.warning("oauth_keys_failed", url=self._url, reason=reason, retry_in_s=_REST_S)
            if self._clock() - self._read_at >= _MAX_STALE_S:
                self._keys = {}
        finally:
            self._tried_at = self._clock()


def _usable(body: bytes) -> Mapping[str, PyJWK]:
    """Return the keys of a set with which tokens may be signed. Raises ValueError."""
    found = json.loads(body)
    listed = found.get("keys") if isinstance(found, dict) else None
    if not isinstance(listed, list):
        raise ValueError("the answer is not a key set")  # noqa: TRY004 - of what was read
    keys = []
    for one in listed:
        with suppress(PyJWTError, TypeError, ValueError):  # others may be for other programs
            keys += [PyJWK(one)] if isinstance(one, dict) else []
    return {
        key.key_id: key
        for key in keys
        if key.key_id and key.algorithm_name in ALGORITHMS and key.public_key_use != "enc"
    }


async def fetch_keys(url: str) -> bytes:
    """Fetch a key set. Raises OSError, ValueError."""
    body, _ = await fetch_small(url, _MAX_BYTES)
    return body


_LEEWAY_S = 30
_REQUIRED = ["exp", "aud", "iss", "sub"]
_LOOK_UP = query("look_up_named_token")


class ExternalIssuer:
    """An issuer with its keys, and the tokens of Sage that its subjects act as.

    `subjects` maps subjects to names of tokens; other subjects are refused.
    """

    def __init__(
        self,
        database: Database,
        *,
        issuer: str,
        keys: IssuerKeys,
        resource: str,
        subjects: Mapping[str, str],
    ) -> None:
        self._database = database
        self.name = issuer
        self._keys = keys
        self._resource = resource
        self._subjects = subjects

    async def principal_of(self, token: str) -> Principal | None:
        """Return the principal of a token: its spaces, each with at most the role of its scopes.

        None if the token is not valid here, names no scope of Sage, its subject is not mapped, or
        the token of Sage was revoked or has expired. Raises StoreError.
        """
        try:
            claims = await self._claims_of(token)
        except (jwt.PyJWTError, RecursionError) as error:
            log.info("oauth_jwt_refused", reason=type(error).__name__)
            return None
        scopes = _scopes_of(claims)
        name = self._subjects.get(claims["sub"])
        if name is None or not scopes:
            reason = "no scope" if name else "subject is not in SAGE_OAUTH_SUBJECTS"
            log.warning("oauth_jwt_refused", reason=reason, subject=claims["sub"][:200])
            return None
        async with self._database.across_spaces() as conn:
            row = await conn.fetchrow(_LOOK_UP, name)
        if row is None:
            return None
        spaces = zip(row["space_ids"], row["spaces"], map(SpaceRole, row["roles"]), strict=True)
        return Principal(
            tuple(
                Grant(
                    space_id,
                    space,
                    role_within(role, scopes),
                    within_reach=role_within(role, SCOPES),
                )
                for space_id, space, role in spaces
            ),
            author=row["user_name"] or name,
            token=name,
            user=row["user_name"],
        )

    async def _claims_of(self, token: str) -> dict[str, Any]:
        """Return the claims of a valid token. Raises PyJWTError."""
        key_id = jwt.get_unverified_header(token).get("kid")
        key = await self._keys.key(key_id) if isinstance(key_id, str) else None
        if key is None:
            raise jwt.InvalidKeyError("the issuer has no such key")
        return jwt.decode(
            token,
            key,
            algorithms=[*ALGORITHMS],
            audience=self._resource,
            issuer=self.name,
            leeway=_LEEWAY_S,
            options={"require": _REQUIRED},
        )


def _scopes_of(claims: Mapping[str, Any]) -> list[str]:
    """Return the scopes of Sage that a token names, in `scope` (RFC 9068) or `scp`."""
    found = claims.get("scope", claims.get("scp", ""))
    named = found.split() if isinstance(found, str) else found
    return [scope for scope in SCOPES if isinstance(named, list) and scope in named]
