"""Apps that ask for access: their registration, and how Sage restricts it."""

from __future__ import annotations

from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from mcp.server.auth.provider import RegistrationError
from mcp.shared.auth import InvalidRedirectUriError, OAuthClientInformationFull

from sage.access.oauth.redirects import is_allowed_redirect, same_but_for_port
from sage.access.oauth.scopes import SCOPES, known_scopes
from sage.telemetry.logs import get_logger

if TYPE_CHECKING:
    from collections.abc import Collection

    from pydantic import AnyUrl

MAX_DOCUMENT_BYTES = 5 * 1024
_MAX_NAME_CHARS = 64
_MAX_REDIRECTS = 10
_NUL = "\\u0000"  # as JSON has it; no text in Postgres holds it
_GRANT_TYPES = ["authorization_code", "refresh_token"]

log = get_logger(__name__)


class OAuthClient(OAuthClientInformationFull):
    """An app. It has no secret: PKCE and its redirect addresses protect its codes."""

    def validate_scope(self, requested_scope: str | None) -> list[str] | None:
        """Return the known scopes of a request."""
        return known_scopes(requested_scope)

    def validate_redirect_uri(self, redirect_uri: AnyUrl | None) -> AnyUrl:
        """Accept a registered address, on this machine with any port (RFC 8252, section 7.3).

        Raises InvalidRedirectUriError.
        """
        try:
            return super().validate_redirect_uri(redirect_uri)
        except InvalidRedirectUriError:
            registered = self.redirect_uris or []
            if redirect_uri is not None and any(
                same_but_for_port(str(redirect_uri), str(one)) for one in registered
            ):
                return redirect_uri
            raise

    @property
    def display_name(self) -> str:
        """The name that the app gives itself, without characters that disturb a terminal."""
        text = "".join(char for char in self.client_name or "" if char.isprintable())
        return " ".join(text.split())[:_MAX_NAME_CHARS] or "?"


def admit(client: OAuthClientInformationFull, more_redirects: Collection[str]) -> None:
    """Turn a registration into a public client without a secret. Raises RegistrationError.

    The object itself is changed, since the response to the client is made of it.
    """
    if len(client.redirect_uris or []) > _MAX_REDIRECTS:
        raise RegistrationError(
            "invalid_redirect_uri", f"there are more than {_MAX_REDIRECTS} redirect URIs"
        )
    drop_refused_redirects(client, more_redirects)
    client.token_endpoint_auth_method = "none"  # noqa: S105 - the method without a secret
    client.client_secret = None
    client.client_secret_expires_at = None
    client.grant_types = [*_GRANT_TYPES]
    client.scope = " ".join(SCOPES)
    document = client.model_dump_json(exclude_none=True)
    if len(document) > MAX_DOCUMENT_BYTES:
        raise RegistrationError("invalid_client_metadata", "the document is larger than 5 KB")
    if _NUL in document:
        raise RegistrationError("invalid_client_metadata", "the document holds a NUL character")


def drop_refused_redirects(
    client: OAuthClientInformationFull, more: Collection[str], host: str | None = None
) -> None:
    """Drop the redirect addresses that are neither allowed nor on a host.

    Apps name all that they may use, of which one suffices (RFC 7591, section 3.2.1, allows a server
    to replace requested values). Raises RegistrationError if none is left.
    """
    asked = client.redirect_uris or []
    allowed = [
        uri for uri in asked if _is_on(host, str(uri)) or is_allowed_redirect(str(uri), more)
    ]
    for uri in asked:
        if uri not in allowed:
            log.warning(
                "oauth_redirect_refused", uri=str(uri)[:200], setting="SAGE_OAUTH_REDIRECT_URIS"
            )
    if asked and not allowed:
        raise RegistrationError(
            "invalid_redirect_uri",
            f"{asked[0]!s:.200} is not an allowed redirect URI; whoever runs this server can add it"
            " to SAGE_OAUTH_REDIRECT_URIS",
        )
    client.redirect_uris = allowed


def _is_on(host: str | None, uri: str) -> bool:
    parts = urlsplit(uri)
    return host is not None and (parts.scheme, parts.netloc) == ("https", host)
