"""The backend of the MCP SDK's OAuth handlers, on Postgres."""

from __future__ import annotations

import json
import re
import secrets
from datetime import timedelta
from typing import TYPE_CHECKING

from mcp.server.auth.provider import (
    AuthorizationCode,
    AuthorizeError,
    OAuthAuthorizationServerProvider,
    RefreshToken,
    TokenError,
)
from mcp.shared.auth import OAuthToken

from sage.access.accounts.secrets import digest
from sage.access.oauth.addresses import CONSENT_PATH
from sage.access.oauth.clients import OAuthClient, admit
from sage.store.named_sql import query

if TYPE_CHECKING:
    from collections.abc import Sequence

    from mcp.server.auth.provider import AccessToken, AuthorizationParams
    from mcp.shared.auth import OAuthClientInformationFull

    from sage.access.oauth.server import OAuthServer

MAX_UNUSED_CLIENTS = 200
REQUEST_LIFETIME = timedelta(minutes=10)
_MAX_STATE_CHARS = 2000
_CHALLENGE = re.compile(r"[A-Za-z0-9_-]{43}")  # of SHA-256, in base64url
_LOCK = query("lock_oauth_clients")
_PURGE_CLIENTS = query("purge_oauth_clients")
_MAKE_ROOM = query("make_room_for_oauth_client")
_REGISTER = query("register_oauth_client")
_FIND_CLIENT = query("find_oauth_client")
_ASK = query("ask_for_oauth_grant")
_PURGE_GRANTS = query("purge_oauth_grants")
_PURGE_REQUESTS = query("purge_oauth_requests")
_PURGE_SECRETS = query("purge_oauth_secrets")


class Provider(OAuthAuthorizationServerProvider[AuthorizationCode, RefreshToken, "AccessToken"]):
    """Registers clients, begins requests, and exchanges codes and refresh tokens.

    Documents of clients are fetched only when a request begins (`reads_documents`): codes and
    tokens identify their client, so that exchanging them needs no fetch. `network` is that of the
    registering client.
    """

    def __init__(
        self, server: OAuthServer, *, reads_documents: bool = False, network: str = ""
    ) -> None:
        self._server = server
        self._network = network
        self._reads_documents = reads_documents

    async def get_client(self, client_id: str) -> OAuthClient | None:
        """Return a registered client, or one whose id is the URL of a document."""
        if client_id.startswith("https://"):
            documents = self._server.documents
            if self._reads_documents:
                return await documents.client(client_id)
            return documents.unread(client_id)
        async with self._server.database.across_spaces() as conn:
            document = await conn.fetchval(_FIND_CLIENT, client_id)
        return None if document is None else OAuthClient.model_validate(document)

    async def register_client(self, client_info: OAuthClientInformationFull) -> None:
        """Register a client. Raises RegistrationError, StoreError."""
        admit(client_info, self._server.redirect_uris)
        document = json.loads(client_info.model_dump_json(exclude_none=True))
        async with self._server.database.transaction_across_spaces() as conn:
            await conn.execute(_LOCK)
            await conn.execute(_PURGE_CLIENTS)
            await conn.execute(_MAKE_ROOM, MAX_UNUSED_CLIENTS)
            await conn.execute(_REGISTER, client_info.client_id, document, self._network)

    async def authorize(
        self, client: OAuthClientInformationFull, params: AuthorizationParams
    ) -> str:
        """Store a request and return the URL of the consent page. Raises AuthorizeError."""
        if not self._server.addresses.is_resource(params.resource):
            raise AuthorizeError(
                "invalid_target", f"the resource here is {self._server.addresses.resource}"
            )
        if not _CHALLENGE.fullmatch(params.code_challenge):
            raise AuthorizeError("invalid_request", "code_challenge is not a SHA-256 in base64url")
        if len(params.state or "") > _MAX_STATE_CHARS:
            raise AuthorizeError("invalid_request", f"state has over {_MAX_STATE_CHARS} characters")
        request_id = secrets.token_urlsafe(32)
        kept = json.loads(params.model_dump_json())
        kept["client_name"] = OAuthClient.model_validate(client.model_dump()).display_name
        async with self._server.database.across_spaces() as conn:
            for purge in (_PURGE_REQUESTS, _PURGE_SECRETS, _PURGE_GRANTS):
                await conn.execute(purge)
            await conn.execute(_ASK, digest(request_id), client.client_id, kept, REQUEST_LIFETIME)
        return f"{self._server.addresses.issuer}{CONSENT_PATH}?request={request_id}"

    async def load_authorization_code(
        self, client: OAuthClientInformationFull, authorization_code: str
    ) -> AuthorizationCode | None:
        """Return a code, used or not: `exchange_authorization_code` checks that."""
        found = await self._server.secrets.find("code", authorization_code)
        if found is None or found.params is None or found.client_id != client.client_id:
            return None
        return AuthorizationCode(
            code=authorization_code,
            client_id=found.client_id,
            scopes=found.scopes,
            expires_at=found.expires_at.timestamp(),
            resource=self._server.addresses.resource,
            **found.params,
        )

    async def exchange_authorization_code(
        self,
        client: OAuthClientInformationFull,  # noqa: ARG002 - a parameter of the SDK
        authorization_code: AuthorizationCode,
    ) -> OAuthToken:
        """Exchange a code, once. Raises TokenError, StoreError."""
        scopes = authorization_code.scopes
        return await self._exchange("code", authorization_code.code, scopes, scopes)

    async def load_refresh_token(
        self, client: OAuthClientInformationFull, refresh_token: str
    ) -> RefreshToken | None:
        """Return a refresh token, used or not: `exchange_refresh_token` checks that."""
        found = await self._server.secrets.find("refresh", refresh_token)
        if found is None or found.client_id != client.client_id:
            return None
        return RefreshToken(
            token=refresh_token,
            client_id=found.client_id,
            scopes=found.scopes,
            expires_at=int(found.expires_at.timestamp()),
        )

    async def exchange_refresh_token(
        self,
        client: OAuthClientInformationFull,  # noqa: ARG002 - a parameter of the SDK
        refresh_token: RefreshToken,
        scopes: list[str],
    ) -> OAuthToken:
        """Exchange a refresh token. Raises TokenError, StoreError."""
        return await self._exchange("refresh", refresh_token.token, scopes, refresh_token.scopes)

    async def load_access_token(self, token: str) -> AccessToken | None:
        """Raise NotImplementedError: `sage.access.authentication` looks tokens up."""
        raise NotImplementedError

    async def revoke_token(self, token: AccessToken | RefreshToken) -> None:
        """Raise NotImplementedError: the SDK's handler refuses public clients; see `endpoints`."""
        raise NotImplementedError

    async def _exchange(
        self, kind: str, secret: str, scopes: Sequence[str], ceiling: Sequence[str]
    ) -> OAuthToken:
        pair = await self._server.secrets.exchange(kind, secret, scopes, ceiling)
        if pair is None:
            raise TokenError("invalid_grant", f"the {kind} was used, has expired or was revoked")
        return OAuthToken(
            access_token=pair.access,
            refresh_token=pair.refresh,
            expires_in=int(self._server.secrets.lifetimes.access.total_seconds()),
            scope=" ".join(scopes),
        )
