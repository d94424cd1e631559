"""Addresses on the internet: not those of this machine, of its network, or for other uses."""

from __future__ import annotations

import asyncio
import ipaddress
import socket
from urllib.parse import urlsplit

_TRANSLATED = ipaddress.ip_network("64:ff9b::/96")
"""Stands for an address of IPv4 behind a translator (RFC 6052)."""
_PORT = 443


async def public_address(url: str) -> str:
    """Return an address on the internet of the host of a URL, to be called and no other.

    Its name may stand for another address a moment later. Raises OSError, and ValueError where it
    has none.
    """
    parts = urlsplit(url)
    port = parts.port or _PORT
    found = await asyncio.get_running_loop().getaddrinfo(
        parts.hostname, port, type=socket.SOCK_STREAM
    )
    for *_, (address, *_) in found:
        if is_public(str(address)):
            return str(address)
    raise ValueError(
        f"{parts.netloc} has no address on the internet; SAGE_OAUTH_CLIENT_HOSTS takes"
        f" {parts.netloc}=ADDRESS"
    )


def is_public(text: str) -> bool:
    """Return whether an address is on the internet, however it is written."""
    address = ipaddress.ip_address(text.partition("%")[0])
    if isinstance(address, ipaddress.IPv6Address):
        inner = address.ipv4_mapped or address.sixtofour
        if inner is None and address in _TRANSLATED:
            inner = ipaddress.IPv4Address(int(address) & 0xFFFFFFFF)
        address = inner or address
    return address.is_global and not address.is_multicast
