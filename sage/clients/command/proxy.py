"""The proxy by which a Sage elsewhere is reached: named, or as the environment of `connect` has it.

Clients start hooks with other environments, so that what holds is recorded.
"""

from __future__ import annotations

from base64 import b64encode
from typing import TYPE_CHECKING
from urllib.parse import unquote, urlsplit
from urllib.request import getproxies_environment, proxy_bypass

from sage.errors import InvalidInputError

if TYPE_CHECKING:
    from collections.abc import Mapping

NONE = "none"

_PORT = 80
_FORM = "pass one, such as --proxy http://proxy.example.org:3128, or use none: --proxy none"


def proxy_for(
    address: Mapping[str, object], named: str | None, recorded: Mapping[str, object]
) -> dict[str, object] | None:
    """Return how the proxy is reached that hooks are to use for an address, None without one.

    It is the one that is `named`, else that of the environment, else the one that was recorded for
    the same address. Raises InvalidInputError.
    """
    if named is not None:
        return None if named == NONE else _read("--proxy", named, address)
    if not address["tls"]:
        return None
    found = getproxies_environment()
    if "https" in found:
        host = f"{address['host']}:{address['port']}"
        return None if proxy_bypass(host) else _read("HTTPS_PROXY", found["https"], address)
    known = recorded.get("proxy") if recorded.get("url") == address["url"] else None
    return known if isinstance(known, dict) else None


def name_of(proxy: object) -> str:
    """Return what a recorded proxy is called, without user and password; empty for none."""
    return f"{proxy['host']}:{proxy['port']}" if isinstance(proxy, dict) else ""


def _read(field: str, proxy: str, address: Mapping[str, object]) -> dict[str, object]:
    parts = urlsplit(proxy if "//" in proxy else f"http://{proxy}")
    try:
        host, port = parts.hostname, parts.port or _PORT
    except ValueError:
        host, port = None, 0
    if parts.scheme != "http" or not host:  # what it says may hold a password
        raise InvalidInputError(field, "{field} is not the address of an HTTP proxy", hint=_FORM)
    if not address["tls"]:
        raise InvalidInputError(
            field,
            "{field} only applies to https:// addresses: without TLS, the server "
            "proves its identity on a direct connection",
            hint="use the https:// address of Sage, or omit --proxy",
        )
    known: dict[str, object] = {"host": host, "port": port}
    if parts.username is not None:
        who = f"{unquote(parts.username)}:{unquote(parts.password or '')}"
        known["authorization"] = f"Basic {b64encode(who.encode()).decode()}"
    return known
