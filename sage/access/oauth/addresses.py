"""The addresses of the OAuth server, all made of the public address of Sage."""

from __future__ import annotations

from dataclasses import dataclass

from sage.access.oauth.scopes import SCOPES

MCP_PATH = "/mcp"
AUTHORIZE_PATH = "/authorize"
TOKEN_PATH = "/token"  # noqa: S105 - a path
REGISTER_PATH = "/register"
REVOKE_PATH = "/revoke"
CONSENT_PATH = "/oauth/consent"
RESOURCE_METADATA_PATHS = (
    "/.well-known/oauth-protected-resource/mcp",
    "/.well-known/oauth-protected-resource",
)
SERVER_METADATA_PATHS = (
    "/.well-known/oauth-authorization-server",
    "/.well-known/oauth-authorization-server/mcp",
)
PUBLIC_PATHS = frozenset(
    {TOKEN_PATH, REGISTER_PATH, REVOKE_PATH, *RESOURCE_METADATA_PATHS, *SERVER_METADATA_PATHS}
)
"""What pages of other origins may call: there is no cookie that could be misused."""
OPEN_PATHS = PUBLIC_PATHS | {AUTHORIZE_PATH, CONSENT_PATH}
"""What is called without a token."""
RESOURCE_PATHS = frozenset(RESOURCE_METADATA_PATHS)
"""What there is of both where another server issues the tokens."""


@dataclass(frozen=True, slots=True)
class OAuthUrls:
    """What the OAuth server calls itself; `issuer` has no slash at its end."""

    issuer: str

    @property
    def resource(self) -> str:
        """What tokens are for: the address that users give to their AI client."""
        return self.issuer + MCP_PATH

    @property
    def resource_metadata(self) -> str:
        """Where clients learn which OAuth server the resource has."""
        return self.issuer + RESOURCE_METADATA_PATHS[0]

    def challenge(self, error: str | None) -> str:
        """Return how to authenticate, and why what was shown does not suffice (RFC 6750, RFC 9728).

        It names all scopes, since clients ask their users for those.
        """
        told = "" if error is None else f'error="{error}", '
        scopes = " ".join(SCOPES)
        return f'Bearer {told}resource_metadata="{self.resource_metadata}", scope="{scopes}"'

    def is_resource(self, named: object) -> bool:
        """Return whether a request is for the resource: it names it, or none."""
        return named is None or (isinstance(named, str) and named.rstrip("/") == self.resource)
