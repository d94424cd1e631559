"""Authentication: from the credentials of a request to a principal."""

from __future__ import annotations

import hashlib
import hmac
from contextlib import suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING

from sage.access.accounts.secrets import MARK, digest, is_token
from sage.access.authorization import NOBODY
from sage.access.oauth.scopes import SCOPES, role_within
from sage.access.oauth.store import ACCESS_MARK
from sage.clients.connect.server import MACHINE_MARK
from sage.domain.caller import OWNER_BY_TOKEN, OWNER_OF_DEFAULT, Grant, Principal, SpaceRole
from sage.errors import StoreError
from sage.store.named_sql import query

if TYPE_CHECKING:
    from collections.abc import Callable

    from sage.access.accounts.tokens import TokenGate
    from sage.access.limits.failed_tokens import FailedTokens
    from sage.access.oauth.server import OAuthServer

_DOTS_OF_JWT = 2
_LOOK_UP_OF_APP = query("look_up_oauth_token")
_RECORD_USE_OF_APP = query("record_grant_use")


@dataclass(frozen=True, slots=True)
class Credentials:
    """The token of a request, empty for none, and the address that it comes from.

    `takes_apps` is set where OAuth tokens are valid: at the MCP endpoint only.
    """

    token: bytes
    address: str
    takes_apps: bool


class Authentication:
    """Knows SAGE_TOKEN, and looks up every other token anew for each request.

    Without SAGE_TOKEN no token is required of the account that runs Sage and of root, but one that
    is sent has to be valid: who sends it expects protection. `is_open` (SAGE_AUTH=none) lets in
    every account, also with a bearer token that is not one of Sage. An address that has sent too
    many invalid ones must wait; text that does not have the form of a token is then not looked up.
    """

    def __init__(
        self, server_token: str | None, failed_tokens: FailedTokens, *, is_open: bool = False
    ) -> None:
        self._digest = None if server_token is None else _digest(server_token.encode())
        self._owner = OWNER_OF_DEFAULT if server_token is None else OWNER_BY_TOKEN
        self._failed_tokens = failed_tokens
        self._is_open = is_open

    @property
    def requires_token(self) -> bool:
        """Whether every caller has to send a token."""
        return self._digest is not None

    def known(
        self, token: bytes, *, by_socket: bool = False, by_another: Callable[[], bool] | None = None
    ) -> Principal:
        """Return the principal of a token known without a lookup, or NOBODY.

        A request through the socket of the data directory without a token is the owner's.
        `by_another` tells whether another account of this machine sends the request.
        """
        if by_socket:
            return self._owner
        if self._is_open:
            return NOBODY if token.startswith(MARK.encode()) else self._owner
        if self._digest is None:
            is_another = bool(token) or (by_another is not None and by_another())
            return NOBODY if is_another else self._owner
        return self._owner if hmac.compare_digest(_digest(token), self._digest) else NOBODY

    async def principal_of(
        self, shown: Credentials, tokens: TokenGate, oauth: OAuthServer | None
    ) -> Principal | None:
        """Return the principal of a token; None if it is invalid.

        Raises RateLimitError instead if the address has sent too many of these, StoreError.
        """
        token, digest_shown = shown.token.decode("latin-1"), _digest(shown.token)
        excess = self._failed_tokens.excess(shown.address) if token else None
        has_form = any(is_token(token, mark) for mark in (MARK, ACCESS_MARK, MACHINE_MARK))
        if excess and not (has_form or self._failed_tokens.was_valid(digest_shown)):
            raise excess
        principal = await _look_up(token, tokens, oauth, takes_apps=shown.takes_apps)
        if principal is not None:
            self._failed_tokens.succeeded(digest_shown)
            return principal
        if token:
            self._failed_tokens.failed(shown.address, digest_shown)
        if excess:
            raise excess
        return None

    def refuse(self, shown: Credentials) -> None:
        """Count a failed sign-in without a token as an invalid token.

        Raises RateLimitError if the address has sent too many of these.
        """
        excess = self._failed_tokens.excess(shown.address)
        self._failed_tokens.failed(shown.address, _digest(shown.token))
        if excess:
            raise excess


async def _look_up(
    token: str, tokens: TokenGate, oauth: OAuthServer | None, *, takes_apps: bool
) -> Principal | None:
    is_by_oauth = token.startswith(ACCESS_MARK) or token.count(".") == _DOTS_OF_JWT
    if oauth is None or not is_by_oauth:
        return await tokens.principal_of(token)
    if not takes_apps:
        return None
    if oauth.issuer is not None:
        return await oauth.issuer.principal_of(token)
    return await principal_of_app(oauth, token)


async def principal_of_app(oauth: OAuthServer, token: str) -> Principal | None:
    """Return the user of an app: their spaces, each with at most the role of its scopes.

    None if the token is unknown or expired, or its grant was revoked. Raises StoreError.
    """
    async with oauth.database.across_spaces() as conn:
        found = await conn.fetchval(_LOOK_UP_OF_APP, oauth.server_digest, digest(token))
        if found is None:
            return None
        grant_id, scopes, user, author, is_stale, *spaces, roles = found
        if is_stale:
            with suppress(StoreError):  # a database that takes no writes can be searched
                await conn.execute(_RECORD_USE_OF_APP, grant_id)
    # Without an author the user signed in with SAGE_TOKEN.
    opened = (
        OWNER_OF_DEFAULT.grants if author is None else map(Grant, *spaces, map(SpaceRole, roles))
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


def _digest(token: bytes) -> bytes:
    return hashlib.sha256(token).digest()
