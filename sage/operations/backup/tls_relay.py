"""A relay to a server over TLS for programs without TLS: a Unix socket in a private directory.

The programs of the embedded PostgreSQL are built without TLS. They connect to the socket, and the
relay forwards their traffic to the server, encrypted, with the certificates and checks of Sage's
own connections. Messages are those of the chapter "Frontend/Backend Protocol" of PostgreSQL's
documentation.
"""

from __future__ import annotations

import asyncio
import struct
import tempfile
from contextlib import asynccontextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import parse_qsl, quote, urlencode, urlsplit

if TYPE_CHECKING:
    from asyncio import StreamReader, StreamWriter
    from collections.abc import AsyncIterator

    from sage.store.connections.connection import TlsServer

_PORT = 5432
_ASK_FOR_TLS = struct.pack("!ii", 8, 80877103)
_AGREED = b"S"
_HEAD = struct.Struct("!ci")
_LENGTH_BYTES = 4
_NEGOTIATE, _AUTHENTICATION, _SASL = b"v", b"R", struct.pack("!i", 10)
_BY_CERTIFICATE = b"SCRAM-SHA-256-PLUS\0"
_BLOCK_BYTES = 1 << 18
_CONNECT_S = 10.0
_OF_THE_WAY = ("ssl", "gss", "channel_binding", "host", "port", "target_session_attrs")


@asynccontextmanager
async def tls_relay(server: TlsServer) -> AsyncIterator[Path]:
    """Open a socket in a directory that leads to a server, for the length of a block.

    Only this user may enter the directory. Raises OSError.
    """

    async def relay(reader: StreamReader, writer: StreamWriter) -> None:
        try:
            with suppress(OSError, EOFError, TimeoutError):
                far_reader, far_writer = await _connect(server)
                try:
                    await _carry(reader, writer, far_reader, far_writer)
                finally:
                    far_writer.close()
        finally:
            writer.close()

    with tempfile.TemporaryDirectory(prefix="sage-") as name:
        folder = Path(name)
        listening = await asyncio.start_unix_server(relay, folder / f".s.PGSQL.{_PORT}")
        async with listening:
            yield folder


def address_through(address: str, folder: Path) -> str:
    """Return the address of a database through the socket in a directory."""
    parts = urlsplit(address)
    user, at, _ = parts.netloc.rpartition("@")
    kept = [pair for pair in parse_qsl(parts.query) if not pair[0].startswith(_OF_THE_WAY)]
    way = urlencode([*kept, ("host", str(folder)), ("port", str(_PORT))], quote_via=quote)
    return f"{parts.scheme}://{user}{at}{parts.path}?{way}"


async def _connect(server: TlsServer) -> tuple[StreamReader, StreamWriter]:
    async with asyncio.timeout(_CONNECT_S):
        reader, writer = await asyncio.open_connection(server.host, server.port)
        writer.write(_ASK_FOR_TLS)
        if await reader.readexactly(1) != _AGREED:
            writer.close()
            raise ConnectionError("the server does not take TLS any more")
        await writer.start_tls(server.context, server_hostname=server.name)
        return reader, writer


async def _carry(
    reader: StreamReader, writer: StreamWriter, far_reader: StreamReader, far_writer: StreamWriter
) -> None:
    """Copy bytes both ways until one side ends."""
    ways = {
        asyncio.create_task(_pump(reader, far_writer)),
        asyncio.create_task(_answer(far_reader, writer)),
    }
    try:
        await asyncio.wait(ways, return_when=asyncio.FIRST_COMPLETED)
    finally:
        for way in ways:
            way.cancel()
        await asyncio.gather(*ways, return_exceptions=True)


async def _answer(reader: StreamReader, writer: StreamWriter) -> None:
    """Forward the server's messages, without the offer of channel binding.

    A program without TLS cannot do channel binding, and takes the offer for an attack.
    """
    kind = _NEGOTIATE
    while kind == _NEGOTIATE:
        kind, length = _HEAD.unpack(await reader.readexactly(_HEAD.size))
        body = await reader.readexactly(length - _LENGTH_BYTES)
        if kind == _AUTHENTICATION and body.startswith(_SASL):
            body = body.replace(_BY_CERTIFICATE, b"")
        writer.write(_HEAD.pack(kind, len(body) + _LENGTH_BYTES) + body)
    await _pump(reader, writer)


async def _pump(reader: StreamReader, writer: StreamWriter) -> None:
    while block := await reader.read(_BLOCK_BYTES):
        writer.write(block)
        await writer.drain()
