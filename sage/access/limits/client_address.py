"""The address of a client: that of the connection, or the one a trusted proxy reports."""

from __future__ import annotations

import ipaddress
from typing import TYPE_CHECKING, TypeAlias

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from starlette.types import ASGIApp, Receive, Scope, Send

_Address: TypeAlias = ipaddress.IPv4Address | ipaddress.IPv6Address
_Network: TypeAlias = ipaddress.IPv4Network | ipaddress.IPv6Network

BY_SOCKET = "socket"
_ONE_CUSTOMER_V4, _ONE_CUSTOMER_V6 = 24, 48
_ONE_SUBSCRIBER = 64
"""The IPv6 prefix length of a subscriber, who may choose the other bits freely."""


class ClientAddress:
    """Stores the address of a client as `scope["client_address"]`, also behind trusted proxies."""

    def __init__(self, app: ASGIApp, *, trusted_proxies: Iterable[str]) -> None:
        self.app = app
        self._trusted: Sequence[_Network] = [ipaddress.ip_network(one) for one in trusted_proxies]

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request."""
        if scope["type"] == "http":
            scope["client_address"] = self.address_of(scope)
        await self.app(scope, receive, send)

    def address_of(self, scope: Scope) -> str:
        """Return the address of a client; `socket` for a Unix socket, which has none.

        X-Forwarded-For is read from its end, and only as far as trusted proxies have written it.
        """
        client = scope.get("client")
        if client is None:
            return BY_SOCKET
        address = _parsed(client[0])
        said = [value for name, value in scope["headers"] if name == b"x-forwarded-for"]
        hops = b",".join(said).decode("latin-1").split(",")
        while hops and address is not None and self._is_trusted(address):
            forwarded = _parsed(hops.pop().strip())
            if forwarded is None:
                break
            address = forwarded
        return "" if address is None else str(address)

    def _is_trusted(self, address: _Address) -> bool:
        return any(address in network for network in self._trusted)


def subscriber_of(address: str) -> str:
    """Return the key of a subscriber: an IPv4 address, or a /64 of IPv6."""
    if ":" not in address:
        return address
    return str(ipaddress.ip_network((address, _ONE_SUBSCRIBER), strict=False))


def network_of(address: str) -> str:
    """Return the network of an address, as large as one customer of a provider may have.

    Text that is no address is returned unchanged.
    """
    if address in {"", BY_SOCKET}:
        return address
    bits = _ONE_CUSTOMER_V6 if ":" in address else _ONE_CUSTOMER_V4
    return str(ipaddress.ip_network((address, bits), strict=False))


def _parsed(text: str) -> _Address | None:
    """Parse an address, with or without a port; an IPv4-mapped IPv6 address becomes IPv4."""
    host = text
    if text.startswith("["):
        host = text[1:].partition("]")[0]
    elif text.count(":") == 1:
        host = text.partition(":")[0]
    try:
        address = ipaddress.ip_address(host.partition("%")[0])
    except ValueError:
        return None
    if isinstance(address, ipaddress.IPv6Address) and address.ipv4_mapped is not None:
        return address.ipv4_mapped
    return address
