"""Which addresses a code may be sent to: those of known apps, and those of this machine."""

from __future__ import annotations

from typing import TYPE_CHECKING
from urllib.parse import SplitResult, urlsplit

from sage.config.values import is_loopback

if TYPE_CHECKING:
    from collections.abc import Collection

KNOWN_REDIRECTS = frozenset(
    {
        "https://claude.ai/api/mcp/auth_callback",
        "https://claude.com/api/mcp/auth_callback",
        "https://chatgpt.com/connector_platform_oauth_redirect",
        "https://vscode.dev/redirect",
        "https://insiders.vscode.dev/redirect",
        "https://www.cursor.com/agents/mcp/oauth/callback",
        "cursor://anysphere.cursor-mcp/oauth/callback",
        "https://callback.mistral.ai/v1/integrations_auth/oauth2_callback",
    }
)
_ONE_FOR_EACH_CONNECTOR = (
    "https://chatgpt.com/connector/oauth/",
    "https://global.consent.azure-apim.net/redirect/",
)
_MAX_CHARS = 2000


def is_loopback_redirect(uri: str) -> bool:
    """Return whether a redirect stays on the machine of the user (RFC 8252, section 7.3)."""
    parts = _parts(uri)
    return parts is not None and parts.scheme == "http" and is_loopback(parts.hostname or "")


def private_scheme(uri: str) -> str | None:
    """Return the scheme that opens an app on the machine of the user; None for the web."""
    scheme = urlsplit(uri).scheme
    return None if scheme in {"http", "https"} else scheme


def is_allowed_redirect(uri: str, more: Collection[str] = ()) -> bool:
    """Return whether a redirect is known, one of `more`, or on this machine with any port."""
    if _parts(uri) is None:
        return False
    for prefix in _ONE_FOR_EACH_CONNECTOR:
        one = uri.removeprefix(prefix)
        if one != uri and one.replace("-", "").replace("_", "").isalnum():
            return True
    return uri in KNOWN_REDIRECTS or uri in more or is_loopback_redirect(uri)


def same_but_for_port(uri: str, other: str) -> bool:
    """Return whether two loopback addresses differ only in their port."""
    one, two = urlsplit(uri), urlsplit(other)
    return (
        is_loopback_redirect(uri)
        and is_loopback_redirect(other)
        and (one.hostname, one.path, one.query) == (two.hostname, two.path, two.query)
    )


def _parts(uri: str) -> SplitResult | None:
    """Return the parts of a URL; None if it is malformed."""
    try:
        parts = urlsplit(uri)
        _ = parts.port
    except ValueError:
        return None
    unclean = (
        len(uri) > _MAX_CHARS
        or "@" in parts.netloc
        or "#" in uri
        or "\\" in uri
        or not (uri.isascii() and uri.isprintable())
        or " " in uri
    )
    return None if unclean or not parts.hostname else parts
