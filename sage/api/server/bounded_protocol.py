"""uvicorn's HTTP protocol, with limits for connections and heads, which no application sees.

uvicorn accepts any number of connections, waits forever for the rest of a request's head and
accepts one of any size: so a client without a token could block the server.
"""

from __future__ import annotations

import os
import resource
import socket
from typing import TYPE_CHECKING, cast

from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

from sage.api.access import BY_ANOTHER_ACCOUNT, BY_OWNER, STOPPING
from sage.clients.data_dir.server_socket import uid_of_peer
from sage.local.loopback_peer import is_of_another_account

if TYPE_CHECKING:
    import asyncio

HEAD_LIMIT_BYTES = 64 * 1024
HEAD_DEADLINE_S = 10.0
LAST_HEAD_S = 0.5
MAX_HEADERS = 100

_MAX_CONNECTIONS = 4_096
_ROOT = 0
_TOO_LARGE = f"The head is larger than {HEAD_LIMIT_BYTES} bytes or {MAX_HEADERS} headers."


def max_connections() -> int:
    """Return how many connections may be open at once.

    Half of the descriptors this process may open: the other half is for the database, for files and
    for connections that are accepted before others are closed.
    """
    descriptors, _ = resource.getrlimit(resource.RLIMIT_NOFILE)
    if descriptors == resource.RLIM_INFINITY:
        return _MAX_CONNECTIONS
    return min(descriptors // 2, _MAX_CONNECTIONS)


class HeadTooLargeError(Exception):
    """A head has more bytes or headers than allowed."""


class BoundedHttpProtocol(HttpToolsProtocol):
    """Answers 400 to large heads, and closes connections that keep the server waiting.

    A connection whose head does not arrive in time is closed; if there are too many connections,
    the one that has waited longest for its client is aborted. While the server stops, it still
    answers a request that is on its way, with `connection: close`.

    A request on the Unix socket is marked as the owner's; connections of other users than root are
    aborted. One on a port carries a function that tells whether another account sends it.
    """

    _head_bytes = 0
    _head_complete = False
    _deadline: asyncio.TimerHandle | None = None
    _stopping = False
    _by_owner = False
    _by_another: bool | None = None
    waiting_since = 0.0

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override] # TCP
        """Start to wait for the first head; make room if there are too many connections."""
        super().connection_made(transport)
        connection = transport.get_extra_info("socket")
        if connection is not None and connection.family == socket.AF_UNIX:
            self._by_owner = uid_of_peer(connection) in {_ROOT, os.geteuid()}
            if not self._by_owner:
                transport.abort()
                return
        self._await_head()
        if len(self.connections) > max_connections():
            self._make_room()

    def connection_lost(self, exc: Exception | None) -> None:
        """Stop waiting."""
        self._stop_waiting()
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        """Process data; everything that arrives while the head is incomplete counts as head."""
        super().data_received(data)
        if self.transport.is_closing():
            return
        if not self._head_complete:
            self._head_bytes += len(data)
            if self._head_bytes > HEAD_LIMIT_BYTES:
                self.send_400_response(_TOO_LARGE)
        elif self._deadline is None and self.is_idle():
            self._await_head()  # a line break between two requests begins none

    def on_message_begin(self) -> None:
        """Start to wait for this request's head."""
        super().on_message_begin()
        scope = cast("dict[str, object]", self.scope)
        if self._by_owner:
            scope[BY_OWNER] = True
        else:
            scope[BY_ANOTHER_ACCOUNT] = self._is_by_another
        self._await_head()

    def on_header(self, name: bytes, value: bytes) -> None:
        """Strip the white space around a header's value (RFC 9110, section 5.5)."""
        if len(self.headers) == MAX_HEADERS:
            raise HeadTooLargeError
        super().on_header(name, value.strip(b" \t"))

    def on_headers_complete(self) -> None:
        """Check the size of a head that came in one read, and stop waiting."""
        size = len(self.url) + sum(len(name) + len(value) for name, value in self.headers)
        if size > HEAD_LIMIT_BYTES:
            raise HeadTooLargeError
        self._head_complete = True
        self._stop_waiting()
        super().on_headers_complete()
        if (self._stopping or self.app_state.get(STOPPING)) and self.cycle is not None:
            self.cycle.keep_alive = False

    def shutdown(self) -> None:
        """Close if no request is running, after a moment in which one may be on its way.

        A proxy that keeps connections alive may send a request at any time, and does not send a
        save to another server once it was sent.
        """
        self._stopping = True
        if self.is_idle():
            self._stop_waiting()
            self._deadline = self.loop.call_later(LAST_HEAD_S, self.transport.close)
        else:
            super().shutdown()

    def _is_by_another(self) -> bool:
        """Return whether another account has the other end; asked once, when it matters."""
        if self._by_another is None:
            server, client = self.transport.get_extra_info("sockname"), self.client
            self._by_another = client is None or is_of_another_account(server, client)
        return self._by_another

    def _await_head(self) -> None:
        self._stop_waiting()
        self._head_bytes = 0
        self._head_complete = False
        self.waiting_since = self.loop.time()
        deadline_s = LAST_HEAD_S if self._stopping else HEAD_DEADLINE_S
        self._deadline = self.loop.call_later(deadline_s, self.transport.close)

    def _stop_waiting(self) -> None:
        if self._deadline is not None:
            self._deadline.cancel()
            self._deadline = None

    def is_idle(self) -> bool:
        """Return whether no request is being read or answered."""
        return self.cycle is None or self.cycle.response_complete

    def waits_for_client(self) -> bool:
        """Return whether the client has to send something next: a head, or more of a body."""
        return self.is_idle() or self.cycle.more_body

    def _make_room(self) -> None:
        """Close the connection that has waited longest for its client, possibly this one."""
        connections = cast("set[BoundedHttpProtocol]", self.connections)
        still_open = [one for one in connections if not one.transport.is_closing()]
        if len(still_open) > max_connections():
            waiting = filter(BoundedHttpProtocol.waits_for_client, still_open)
            min(waiting, key=lambda one: one.waiting_since).transport.abort()
