"""Fetch small files, only from hosts on the internet."""

from __future__ import annotations

import asyncio
import ipaddress
import socket
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

if TYPE_CHECKING:
    from collections.abc import Mapping

_TRANSLATED = ipaddress.ip_network("64:ff9b::/96")
"""The prefix of an IPv4 address behind a translator (RFC 6052)."""
_PORT = 443


async def public_address(url: str) -> str:
    """Return an internet address of the host of a URL; only this address may be called.

    Its name may resolve to another address a moment later. Raises OSError, and ValueError if it has
    no such address.
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
    """Return whether an address is on the internet, in whatever notation."""
    address = ipaddress.ip_address(text.partition("%")[0])
    if isinstance(address, ipaddress.IPv6Address):
        inner = address.ipv4_mapped or address.sixtofour
        if inner is None and address in _TRANSLATED:
            inner = ipaddress.IPv4Address(int(address) & 0xFFFFFFFF)
        address = inner or address
    return address.is_global and not address.is_multicast


TIMEOUT_S = 5.0


async def fetch_small(
    url: str, max_bytes: int, address: str | None = None
) -> tuple[bytes, Mapping[str, str]]:
    """Fetch a file and its response headers; follow no redirects, and give up after 5 s.

    With `address`, that address is called, whatever the host name resolves to; the certificate must
    be that of the name. Raises OSError if the host cannot be reached, ValueError for a response
    other than 200 and a file of over `max_bytes`.
    """
    import httpx  # noqa: PLC0415 - it takes 8 MB of memory, and few servers read such files

    body, called, options = b"", httpx.URL(url), {}
    headers = {"accept": "application/json"}
    if address is not None:
        headers["host"] = called.netloc.decode()
        options = {"sni_hostname": called.host}
        called = called.copy_with(host=address)
    try:
        async with (
            httpx.AsyncClient(timeout=TIMEOUT_S, follow_redirects=False) as http,
            http.stream("GET", called, headers=headers, extensions=options) as answer,
        ):
            if answer.status_code != httpx.codes.OK:
                raise ValueError(f"it is answered with {answer.status_code}")
            async for part in answer.aiter_bytes():
                body += part
                if len(body) > max_bytes:
                    raise ValueError(f"it is larger than {max_bytes:,} bytes")
    except httpx.HTTPError as error:
        raise OSError(str(error)) from error
    return body, answer.headers
