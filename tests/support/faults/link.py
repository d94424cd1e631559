"""A network between a client and servers on loopback, that can be cut and can fall silent."""

from __future__ import annotations

import asyncio
import socket
import threading
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

_READ_BYTES = 65_536


class Link:
    """Passes each connection on to the next of the servers that lets it in, byte by byte.

    It works in a thread of its own. The faults are switched on and off from any thread.
    """

    def __init__(self, ports: Sequence[int]) -> None:
        self._ports = ports
        self._next = 0
        self._cut = False
        self._loop = asyncio.new_event_loop()
        self._passing = asyncio.Event()
        self._passing.set()
        self._open: set[asyncio.StreamWriter] = set()
        self._listener = socket.create_server(("127.0.0.1", 0), backlog=512)
        self.port: int = self._listener.getsockname()[1]
        self._ended = asyncio.Event()
        self._thread = threading.Thread(target=self._run)
        self._thread.start()

    def cut(self) -> None:
        """Break every connection with a reset, and each new one as soon as it is made."""
        self._cut = True
        self._call(self._break_all)

    def silence(self) -> None:
        """Let connections stand and pass nothing on, in either direction."""
        self._call(self._passing.clear)

    def mend(self) -> None:
        """Pass on again, also what was held back."""
        self._cut = False
        self._call(self._passing.set)

    def close(self) -> None:
        """End the thread."""
        self._call(self._ended.set)
        self._thread.join()

    def _call(self, work: object) -> None:
        assert callable(work)
        done = threading.Event()
        self._loop.call_soon_threadsafe(lambda: (work(), done.set()))
        done.wait()

    def _run(self) -> None:
        with asyncio.Runner(loop_factory=lambda: self._loop) as runner:
            runner.run(self._serve())

    async def _serve(self) -> None:
        server = await asyncio.start_server(self._pass_on, sock=self._listener)
        await self._ended.wait()
        server.close()
        self._passing.set()
        self._break_all()

    def _break_all(self) -> None:
        for writer in self._open:
            writer.transport.abort()

    async def _pass_on(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        upstream = None if self._cut else await self._connect()
        if upstream is None:
            writer.transport.abort()
            return
        ends = {writer, upstream[1]}
        self._open |= ends
        try:
            await asyncio.gather(self._pump(reader, upstream[1]), self._pump(upstream[0], writer))
        finally:
            self._open -= ends
            for end in ends:
                end.transport.abort()

    async def _connect(self) -> tuple[asyncio.StreamReader, asyncio.StreamWriter] | None:
        self._next = (self._next + 1) % len(self._ports)
        for port in (*self._ports[self._next :], *self._ports[: self._next]):
            with suppress(OSError):
                return await asyncio.open_connection("127.0.0.1", port)
        return None

    async def _pump(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with suppress(OSError):
            while data := await reader.read(_READ_BYTES):
                await self._passing.wait()
                writer.write(data)
                await writer.drain()
            writer.write_eof()


@contextmanager
def link_to(*ports: int) -> Iterator[Link]:
    """Pass connections on to servers until the block ends."""
    link = Link(ports)
    try:
        yield link
    finally:
        link.close()
