"""Addresses of PostgreSQL databases: build, check and parse them.

The form is libpq's: https://www.postgresql.org/docs/current/libpq-connect.html (34.1.1.2).
"""

from __future__ import annotations

from urllib.parse import parse_qs, quote, unquote, urlsplit

from sage.config.values import RefusedValueError, is_port, split_port
from sage.phrases import phrase

DEFAULT_PORT = 5432
_SCHEMES = frozenset({"postgres", "postgresql"})
EMBEDDED = "embedded"
"""The name of the embedded database of the data directory, whose URL users do not know."""

READ_WRITE = "read-write"
STANDBY = "standby"
READ_ONLY = frozenset({"read-only", STANDBY, "prefer-standby"})
"""The values of `target_session_attrs` that request a read-only server."""
_SESSION_ATTRIBUTES = ("any", READ_WRITE, "primary", *sorted(READ_ONLY))
_HINT = (
    "Write postgresql://USER:PASSWORD@HOST:PORT/NAME and percent-encode "
    "the characters @ : / ? # % in USER and PASSWORD"
)


def dsn_of(*, host: str, port: int, name: str, user: str, password: str) -> str:
    """Return an address of quoted parts. A host that begins with a slash is a socket directory."""
    login = f"{quote(user, safe='')}:{quote(password, safe='')}"
    database = quote(name, safe="")
    if host.startswith("/"):
        return f"postgresql://{login}@/{database}?host={quote(host, safe='')}&port={port}"
    place = f"[{host}]:{port}" if ":" in host else f"{host}:{port}"
    return f"postgresql://{login}@{place}/{database}"


def is_meant_as_dsn(text: str) -> bool:
    """Return whether a text is an address, maybe a wrong one, and not the name of a database."""
    return not {"/", ":", "@"}.isdisjoint(text)


def checked_dsn(dsn: str) -> str:
    """Return an address if it is valid. Raises RefusedValueError, which never quotes it."""
    if any(char.isspace() or not char.isprintable() for char in dsn):
        raise RefusedValueError("contains a space, a line break or a control character", _HINT)
    try:
        parts = urlsplit(dsn)
    except ValueError:
        raise RefusedValueError("is not a database URL", _HINT) from None
    if parts.scheme.lower() not in _SCHEMES or "://" not in dsn:
        raise RefusedValueError("does not begin with postgresql://", _HINT)
    if parts.fragment or "@" in parts.path + parts.query:
        raise RefusedValueError("contains characters that must be percent-encoded", _HINT)
    if not places_of(dsn):
        raise RefusedValueError("contains no host", _HINT)
    if wanted_server(dsn) not in {"", *_SESSION_ATTRIBUTES}:
        raise RefusedValueError(
            "contains an unknown target_session_attrs",
            phrase("Use one of {choices}", choices=list(_SESSION_ATTRIBUTES)),
        )
    return dsn


def places_of(dsn: str) -> list[tuple[str, int]]:
    """Return the servers that an address names, as (host or socket directory, port).

    Raises RefusedValueError for an invalid port, or a number of ports other than that of hosts.
    """
    parts = urlsplit(dsn)
    query = parse_qs(parts.query)
    authority = parts.netloc.rpartition("@")[2]
    named = [split_port(place) for place in authority.split(",") if place]
    named += [(place, "") for place in ",".join(query.get("host", [])).split(",") if place]
    ports = query.get("port", [""])[0].split(",")
    if len(ports) == 1:
        ports *= len(named)
    elif len(ports) != len(named):
        raise RefusedValueError("has a different number of ports than hosts", _HINT)
    return [
        (unquote(host.strip("[]")), _checked_port(port or default))
        for (host, port), default in zip(named, ports, strict=True)
    ]


def wanted_server(dsn: str) -> str:
    """Return the `target_session_attrs` of an address, empty without any."""
    return parse_qs(urlsplit(dsn).query).get("target_session_attrs", [""])[-1]


def password_of(dsn: str) -> str:
    """Return the password of an address, empty without one."""
    parts = urlsplit(dsn)
    named = parse_qs(parts.query).get("password", [""])[-1]
    return unquote(parts.password or "") or named


def describe_dsn(dsn: str) -> str:
    """Return database and servers of a valid address, without user and password."""
    parts = urlsplit(dsn)
    name = unquote(parts.path.removeprefix("/")) or parse_qs(parts.query).get("dbname", [""])[0]
    places = ", ".join(
        f"[{host}]:{port}" if ":" in host else f"{host}:{port}" for host, port in places_of(dsn)
    )
    return f"database {name} on {places}" if name else f"database on {places}"


def _checked_port(text: str) -> int:
    if text and not is_port(text):
        raise RefusedValueError("contains an invalid port", _HINT)
    return int(text) if text else DEFAULT_PORT
