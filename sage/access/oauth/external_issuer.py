"""Takes signed tokens (JWT) of an external issuer, for this resource and named subjects."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import jwt

from sage.access.oauth.issuer_keys import ALGORITHMS, IssuerKeys
from sage.access.oauth.scopes import SCOPES, role_within
from sage.domain.caller import Grant, Principal, SpaceRole
from sage.store.named_sql import query
from sage.telemetry.logs import get_logger

if TYPE_CHECKING:
    from collections.abc import Mapping

    from sage.store.connections.pool import Database

_LEEWAY_S = 30
_REQUIRED = ["exp", "aud", "iss", "sub"]
_LOOK_UP = query("look_up_named_token")

log = get_logger(__name__)


class ExternalIssuer:
    """Knows an issuer by its keys, and which of its subjects may open what a token of Sage opens.

    `subjects` maps them to the names of tokens: who is not among them is nobody here.
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
        """Return whom a token stands for, each space with at most the role of its scopes.

        None where it is not valid here, names no scope of Sage, its subject is not mapped, or the
        token of Sage was revoked or has expired. Raises StoreError.
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
        """Return what a valid token claims. Raises PyJWTError."""
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
