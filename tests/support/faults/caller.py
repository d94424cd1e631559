"""A client of the REST API that takes less time than Sage does, which client libraries do not."""

from __future__ import annotations

import asyncio
import json
from contextlib import suppress
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

if TYPE_CHECKING:
    from collections.abc import Mapping

OK = 200
UNAVAILABLE = 503
BROKEN = (OSError, EOFError, TimeoutError)
SAVE = "/api/v1/conversations"
_TIMEOUT_S = 30
_AGAIN_S = 1.0


class Caller:
    """Posts to one address, over one connection if it may be kept alive."""

    def __init__(self, url: str, *, keep_alive: bool = True) -> None:
        self._ending = "" if keep_alive else "connection: close\r\n"
        self._host, self._port = urlsplit(url).hostname, urlsplit(url).port
        self._opened: tuple[asyncio.StreamReader, asyncio.StreamWriter] | None = None

    async def post(self, path: str, arguments: Mapping[str, object]) -> tuple[int, bytes]:
        """Return the status and the body of the answer. Raises one of BROKEN."""
        body = json.dumps(arguments).encode()
        head = (
            f"POST {path} HTTP/1.1\r\nhost: {self._host}\r\ncontent-type: application/json\r\n"
            f"content-length: {len(body)}\r\n{self._ending}\r\n"
        )
        try:
            async with asyncio.timeout(_TIMEOUT_S):
                return await self._exchange(head.encode() + body)
        except BROKEN:
            await self.close()
            raise

    async def post_until_answered(
        self, path: str, arguments: Mapping[str, object]
    ) -> tuple[int, bytes]:
        """Post again after each 503, as its `retry-after` asks for. Raises one of BROKEN."""
        while True:
            status, body = await self.post(path, arguments)
            if status != UNAVAILABLE:
                return status, body
            await asyncio.sleep(_AGAIN_S)

    async def _exchange(self, request: bytes) -> tuple[int, bytes]:
        if self._opened is None:
            self._opened = await asyncio.open_connection(self._host, self._port)
        reader, writer = self._opened
        writer.write(request)
        status, *lines = (await reader.readuntil(b"\r\n\r\n")).lower().split(b"\r\n")
        headers = dict(line.split(b": ", 1) for line in lines if line)
        answer = await reader.readexactly(int(headers[b"content-length"]))
        if headers.get(b"connection") == b"close":
            await self.close()
        return int(status.split()[1]), answer

    async def close(self) -> None:
        """Close the connection."""
        if self._opened is not None:
            (_, writer), self._opened = self._opened, None
            writer.close()
            with suppress(OSError):
                await writer.wait_closed()
