"""A uvicorn server that loses no request when it stops.

uvicorn closes its listening socket, which resets the connections that wait to be accepted. It also
closes every connection without a request so far, though the request may be on its way. A reverse
proxy cannot know whether such a request was processed, and does not retry a save.
"""

from __future__ import annotations

import asyncio
import sys
import time
from contextlib import suppress
from typing import TYPE_CHECKING

import uvicorn
from uvicorn.config import STARTUP_FAILURE

from sage.api.access import STOPPING
from sage.api.server.bounded_protocol import BoundedHttpProtocol
from sage.api.server.exit_deadline import UnawaitedThreads, exit_in_time
from sage.telemetry.logs import get_logger

if TYPE_CHECKING:
    import socket
    from collections.abc import Callable, Coroutine, Iterator
    from types import FrameType

_LOOK_S = 0.1

log = get_logger(__name__)


class GracefulServer(uvicorn.Server):
    """Accepts all connections that wait at its sockets before it closes them.

    Uses BoundedHttpProtocol. With `drain_s` it continues to serve for so many seconds after a stop
    was requested, but is not ready: load balancers can detect that in this time. Every response
    then closes its connection. `announce` is called once it accepts connections.
    """

    def __init__(
        self, config: uvicorn.Config, drain_s: float, announce: Callable[[], object]
    ) -> None:
        super().__init__(config)
        self._drain_s = drain_s
        self._announce = announce

    async def serve(self, sockets: list[socket.socket] | None = None) -> None:
        """Serve until a stop is requested. Computing threads do not delay the shutdown."""
        asyncio.get_running_loop().set_default_executor(UnawaitedThreads())
        await super().serve(sockets)

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        """Start the application, listen, and announce it."""
        await super().startup(sockets)
        try:
            for listener in sockets or ():
                listener.listen(self.config.backlog)  # uvloop closes it, silently, if it cannot
        except OSError:
            log.error("not_started", reason="another server listens on the port since the start")  # noqa: TRY400 - expected
            await self.lifespan.shutdown()
            sys.exit(STARTUP_FAILURE)
        if not self.should_exit:  # told to end while it started
            self._announce()

    def handle_exit(self, sig: int, frame: FrameType | None) -> None:
        """Stop, and end the process in time."""
        super().handle_exit(sig, frame)
        exit_in_time(self._drain_s)

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        """Stop accepting, finish running and imminent requests, and shut the application down."""
        await self._drain()
        waiting: list[socket.socket] = []
        for server, listener in zip(self.servers, sockets or (), strict=False):
            waiting += _accept_all(listener)
            server.close()  # resets a connection that came after the last was accepted
        last = [asyncio.ensure_future(self._serve_last(accepted)) for accepted in waiting]
        await self._end(super().shutdown(sockets))
        await asyncio.gather(*last, return_exceptions=True)

    async def _drain(self) -> None:
        """Continue to serve without being ready; a second SIGINT ends that."""
        self.lifespan.state[STOPPING] = True
        ends_at = time.monotonic() + self._drain_s
        while not self.force_exit and time.monotonic() < ends_at:  # noqa: ASYNC110 - set by a signal
            await asyncio.sleep(_LOOK_S)

    async def _end(self, ending: Coroutine[None, None, None]) -> None:
        """Finish what runs and end the application; a second SIGINT ends that, too."""
        task = asyncio.create_task(ending)
        while not self.force_exit and not task.done():
            await asyncio.wait([task], timeout=_LOOK_S)
        if not task.done():
            task.cancel()
        with suppress(asyncio.CancelledError):
            await task

    async def _serve_last(self, accepted: socket.socket) -> None:
        """Serve one request of a connection."""
        _, protocol = await asyncio.get_running_loop().connect_accepted_socket(
            lambda: BoundedHttpProtocol(self.config, self.server_state, self.lifespan.state),
            accepted,
        )
        protocol.shutdown()


def _accept_all(listener: socket.socket) -> Iterator[socket.socket]:
    with suppress(OSError):  # nobody waits
        while True:
            accepted, _ = listener.accept()
            accepted.settimeout(0)
            yield accepted
