"""The URLs of the OAuth server, and the metadata documents that name them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from sage.access.oauth.scopes import SCOPES
from sage.clients.connect.server import MCP_PATH

AUTHORIZE_PATH = "/authorize"
TOKEN_PATH = "/token"  # noqa: S105 - a path
REGISTER_PATH = "/register"
REVOKE_PATH = "/revoke"
CONSENT_PATH = "/oauth/consent"
RESOURCE_METADATA_PATHS = (
    f"/.well-known/oauth-protected-resource{MCP_PATH}",
    "/.well-known/oauth-protected-resource",
)
SERVER_METADATA_PATHS = (
    "/.well-known/oauth-authorization-server",
    f"/.well-known/oauth-authorization-server{MCP_PATH}",
)
PUBLIC_PATHS = frozenset(
    {TOKEN_PATH, REGISTER_PATH, REVOKE_PATH, *RESOURCE_METADATA_PATHS, *SERVER_METADATA_PATHS}
)
"""Paths that pages of other origins may call: there is no cookie that could be misused."""
OPEN_PATHS = PUBLIC_PATHS | {AUTHORIZE_PATH, CONSENT_PATH}
"""Paths that are called without a token."""
RESOURCE_PATHS = frozenset(RESOURCE_METADATA_PATHS)
"""The paths of both that are served if another server issues the tokens."""


@dataclass(frozen=True, slots=True)
class OAuthUrls:
    """The URLs by which the OAuth server is known; `issuer` has no slash at its end."""

    issuer: str

    @property
    def resource(self) -> str:
        """The audience of tokens: the URL that users enter in their AI client."""
        return self.issuer + MCP_PATH

    @property
    def resource_metadata(self) -> str:
        """The URL at which clients learn the OAuth server of the resource."""
        return self.issuer + RESOURCE_METADATA_PATHS[0]

    def challenge(self, error: str | None) -> str:
        """Return the challenge with the reason why credentials fail (RFC 6750, RFC 9728).

        It names all scopes, since clients ask their users for those.
        """
        reason = "" if error is None else f'error="{error}", '
        scopes = " ".join(SCOPES)
        return f'Bearer {reason}resource_metadata="{self.resource_metadata}", scope="{scopes}"'

    def is_resource(self, named: object) -> bool:
        """Return whether a request is for this resource: it names it, or none."""
        return named is None or (isinstance(named, str) and named.rstrip("/") == self.resource)


def resource_metadata(own: OAuthUrls, issuer: str) -> dict[str, Any]:
    """Return the metadata of the resource, with the issuer of its tokens (RFC 9728)."""
    return {
        "resource": own.resource,
        "authorization_servers": [issuer],
        "scopes_supported": [*SCOPES],
        "bearer_methods_supported": ["header"],
        "resource_name": "Sage",
    }


def server_metadata(own: OAuthUrls, *, reads_documents: bool) -> dict[str, Any]:
    """Return the metadata of the OAuth server (RFC 8414)."""
    return {
        "issuer": own.issuer,
        "authorization_endpoint": own.issuer + AUTHORIZE_PATH,
        "token_endpoint": own.issuer + TOKEN_PATH,
        "registration_endpoint": own.issuer + REGISTER_PATH,
        "revocation_endpoint": own.issuer + REVOKE_PATH,
        "scopes_supported": [*SCOPES],
        "response_types_supported": ["code"],
        "response_modes_supported": ["query"],
        "grant_types_supported": ["authorization_code", "refresh_token"],
        "token_endpoint_auth_methods_supported": ["none"],
        "revocation_endpoint_auth_methods_supported": ["none"],
        "code_challenge_methods_supported": ["S256"],
        "client_id_metadata_document_supported": reads_documents,
        "authorization_response_iss_parameter_supported": True,
    }
