"""Which addresses a code may be sent to: those of known apps, and those of this machine."""

from __future__ import annotations

from typing import TYPE_CHECKING
from urllib.parse import urlsplit

if TYPE_CHECKING:
    from collections.abc import Collection

KNOWN_REDIRECTS = frozenset(
    {
        "https://claude.ai/api/mcp/auth_callback",
        "https://claude.com/api/mcp/auth_callback",
        "https://chatgpt.com/connector_platform_oauth_redirect",
    }
)
_ONE_FOR_EACH_CONNECTOR = "https://chatgpt.com/connector/oauth/"
_LOOPBACK = frozenset({"127.0.0.1", "localhost", "::1"})
_MAX_CHARS = 2000


def is_loopback_redirect(uri: str) -> bool:
    """Return whether a code stays on the machine of the user (RFC 8252, section 7.3)."""
    parts = _parts(uri)
    return parts is not None and parts[:2] == ("http", True)


def is_allowed_redirect(uri: str, more: Collection[str] = ()) -> bool:
    """Return whether an address is known, one of `more`, or of this machine with any port."""
    parts = _parts(uri)
    if parts is None:
        return False
    one = uri.removeprefix(_ONE_FOR_EACH_CONNECTOR)
    if one != uri and one.replace("-", "").replace("_", "").isalnum():
        return True
    return uri in KNOWN_REDIRECTS or uri in more or is_loopback_redirect(uri)


def same_but_for_port(uri: str, other: str) -> bool:
    """Return whether two loopback addresses differ in nothing but their port."""
    one, two = urlsplit(uri), urlsplit(other)
    return (
        is_loopback_redirect(uri)
        and is_loopback_redirect(other)
        and (one.hostname, one.path, one.query) == (two.hostname, two.path, two.query)
    )


def _parts(uri: str) -> tuple[str, bool] | None:
    """Return the scheme, and whether it is of this machine; None where it is no clean address."""
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
    return None if unclean or not parts.hostname else (parts.scheme, parts.hostname in _LOOPBACK)
