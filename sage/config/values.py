"""Checks of single values: addresses, names, tokens, lists. Pure functions."""

from __future__ import annotations

import ipaddress
import re
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from sage.phrases import Phrase, with_values

if TYPE_CHECKING:
    from pathlib import Path

DEFAULT_HOST = "127.0.0.1"
DEFAULT_PORT = 17800
MAX_PORT = 65_535

_HOST_NAME = re.compile(r"(?!-)[A-Za-z0-9_-]{1,63}(?<!-)(\.(?!-)[A-Za-z0-9_-]{1,63}(?<!-))*\.?")
_VISIBLE_ASCII = re.compile(r"[\x21-\x7e]+")
_HTTP = frozenset({"http", "https"})
_PRIVATE_URI = re.compile(r"([a-z][a-z0-9+.-]*)://[A-Za-z0-9._-]+/[A-Za-z0-9._~/-]*")
_NOT_PRIVATE = frozenset(
    {"javascript", "data", "file", "vbscript", "blob", "about", "filesystem", "ftp", "ws", "wss"}
)


class RefusedValueError(ValueError):
    """A value cannot be used: the message is the reason, without the value; the hint what to do."""

    def __init__(self, message: str, hint: str) -> None:
        super().__init__(message)
        self.message = message
        self.hint = hint


def printable(text: str) -> str:
    """Escape characters that would move the cursor or break the line; a phrase stays one."""
    if isinstance(text, Phrase):
        return with_values(text, printable)
    return "".join(char if char.isprintable() else repr(char)[1:-1] for char in text)


def split_list(value: object) -> object:
    """Split text at its commas, dropping empty parts; leave anything else to the type check."""
    if not isinstance(value, str):
        return value
    return tuple(part.strip() for part in value.split(",") if part.strip())


def split_list_or_none(value: object) -> object:
    """Split text at its commas; `none` is an empty list."""
    return () if value == "none" else split_list(value)


def is_loopback(host: str) -> bool:
    """Return whether only this machine can reach an address."""
    name = host.strip("[]").rstrip(".").lower()
    try:
        return ipaddress.ip_address(name).is_loopback
    except ValueError:
        return name == "localhost" or name.endswith(".localhost")


def is_host(host: str) -> bool:
    """Return whether text is an IP address or a host name."""
    try:
        ipaddress.ip_address(host)
    except ValueError:
        last = host.rstrip(".").rpartition(".")[2]
        return _HOST_NAME.fullmatch(host) is not None and not last.isdigit()
    return True


def checked_bind(host: str) -> str:
    """Return an address or a name to listen on, if it is valid. Raises RefusedValueError."""
    bare = host.removeprefix("[").removesuffix("]")
    if is_host(bare):
        return bare
    raise RefusedValueError(
        "is not an address or a host name",
        "Write only the host, such as 127.0.0.1; the port has a variable of its own",
    )


def checked_database_host(host: str) -> str:
    """Return a host, or the absolute directory of a Unix socket. Raises RefusedValueError."""
    return host if host.startswith("/") else checked_bind(host)


def checked_allowed_host(host: str) -> str:
    """Return `name`, `name:port` or `name:*`, as in a Host header. Raises RefusedValueError."""
    name, port = split_port(host)
    if is_host(name.strip("[]")) and (port in {"", "*"} or is_port(port)):
        return host.lower()
    raise RefusedValueError(
        "contains an invalid host",
        "Write name, name:port or name:*, without scheme and path, separated by commas",
    )


def checked_client_host(host: str) -> str:
    """Return `name`, or `name=address` for a host that is not on the internet.

    Raises RefusedValueError.
    """
    name, _, address = host.partition("=")
    try:
        pinned = f"={ipaddress.ip_address(address)}" if address else ""
    except ValueError:
        raise RefusedValueError(
            "contains an invalid address",
            "Write name=10.1.2.3 for a host in your own network, or its name alone",
        ) from None
    return checked_allowed_host(name) + pinned


def checked_origin(origin: str) -> str:
    """Return `scheme://host[:port]`, as in an Origin header. Raises RefusedValueError."""
    scheme, separator, rest = origin.partition("://")
    name, port = split_port(rest)
    if (
        separator
        and re.fullmatch(r"[A-Za-z][A-Za-z0-9+.-]*", scheme)
        and is_host(name.strip("[]"))
        and (port in {"", "*"} or is_port(port))
    ):
        return origin.lower()
    raise RefusedValueError(
        "contains an invalid origin",
        "Write https://host or https://host:port, without a path, separated by commas",
    )


def checked_published_address(address: str) -> str:
    """Return an IP address with a port, such as `127.0.0.1:17800`. Raises RefusedValueError."""
    name, port = split_port(address)
    try:
        ip = ipaddress.ip_address(name.strip("[]"))
    except ValueError:
        ip = None
    if ip is None or not is_port(port):
        raise RefusedValueError(
            "contains no IP address with a port",
            "Write addresses such as 127.0.0.1:17800 or [::1]:17800, separated by commas",
        )
    return f"[{ip}]:{int(port)}" if ip.version == 6 else f"{ip}:{int(port)}"  # noqa: PLR2004


def checked_network(network: str) -> str:
    """Return an IP address or a network in CIDR notation. Raises RefusedValueError."""
    try:
        ipaddress.ip_network(network)
    except ValueError:
        raise RefusedValueError(
            "contains neither an IP address nor a network",
            "Write addresses such as 10.0.0.7, or networks such as 172.16.0.0/12, separated by"
            " commas",
        ) from None
    return network


def checked_url(url: str) -> str:
    """Return an http(s) address without user, query and fragment. Raises RefusedValueError.

    A slash at its end is removed.
    """
    hint = "Write it like https://host/path, without user name, question mark and hash"
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError:
        raise RefusedValueError("is not a valid URL", hint) from None
    if parts.scheme.lower() not in _HTTP or port == 0 or not is_host(parts.hostname or ""):
        raise RefusedValueError("is not a valid URL", hint)
    if "@" in parts.netloc:
        raise RefusedValueError("contains a user name or a password", hint)
    if "?" in url or "#" in url or _VISIBLE_ASCII.fullmatch(url) is None:
        raise RefusedValueError(
            "contains a query, a fragment or characters that must be quoted", hint
        )
    return url.rstrip("/")


def checked_redirect(uri: str) -> str:
    """Return the redirect address of an app; plain http only to this machine.

    It may have a private scheme with a host, such as `cursor://`. It is not normalized, since that
    of an app must be exactly equal. Raises RefusedValueError.
    """
    private = _PRIVATE_URI.fullmatch(uri)
    if private and private[1] not in _HTTP | _NOT_PRIVATE:
        return uri
    checked_url(uri)
    parts = urlsplit(uri)
    if "*" in uri:
        raise RefusedValueError(
            "contains a pattern; patterns are not supported here", "Write each redirect URI in full"
        )
    if parts.scheme != "https" and not is_loopback(parts.hostname or ""):
        raise RefusedValueError(
            "would send codes over the network unencrypted",
            "Write https://; http:// is for 127.0.0.1, [::1] and localhost",
        )
    return uri


def checked_subject(mapping: str) -> str:
    """Return `subject=token name`, separated by the last `=`. Raises RefusedValueError."""
    subject, _, name = mapping.rpartition("=")
    if subject and _VISIBLE_ASCII.fullmatch(subject) and re.fullmatch(r"[\w.-]{1,64}", name):
        return mapping
    raise RefusedValueError(
        "contains an entry other than SUBJECT=TOKEN_NAME",
        "Write anna@example.org=anna, separated by commas; `sage token list` shows the names",
    )


def checked_absolute(path: Path) -> Path:
    """Return an absolute path. Raises RefusedValueError."""
    if path.is_absolute():
        return path
    raise RefusedValueError("is not an absolute path", "Write it like /mnt/backups")


def checked_header_text(secret: str) -> str:
    """Return text that is valid in an HTTP header. Raises RefusedValueError."""
    if _VISIBLE_ASCII.fullmatch(secret):
        return secret
    raise RefusedValueError(
        "contains a space, a line break or a non-ASCII character, which HTTP headers do not allow",
        "Copy it again, without surrounding characters",
    )


def split_port(place: str) -> tuple[str, str]:
    """Split `host:port`; the port is empty if there is none."""
    if place.endswith("]") or (place.count(":") > 1 and "]" not in place):
        return place, ""
    name, _, port = place.rpartition(":") if ":" in place else (place, "", "")
    return name, port


def is_port(text: str) -> bool:
    """Return whether text is the number of a port."""
    return re.fullmatch(r"[0-9]{1,5}", text) is not None and 1 <= int(text) <= MAX_PORT
