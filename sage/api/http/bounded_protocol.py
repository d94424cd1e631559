"""uvicorn's HTTP protocol, with bounds on the part of a request no application ever sees.

uvicorn waits for ever for the rest of a request's head and takes one of any size; both are ways to
tie up a server from outside, before a token is asked for.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

if TYPE_CHECKING:
    import asyncio

HEAD_LIMIT_BYTES = 64 * 1024
HEAD_DEADLINE_S = 10.0


class BoundedHttpProtocol(HttpToolsProtocol):
    """Answers 400 to a head that is too large; hangs up on one that does not arrive in time."""

    _head_bytes = 0
    _head_complete = False
    _deadline: asyncio.TimerHandle | None = None

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """Begin to wait for the first head."""
        super().connection_made(transport)
        self._await_head()

    def connection_lost(self, exc: Exception | None) -> None:
        """Wait no longer."""
        self._stop_waiting()
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        """Read on; what came while the head is incomplete counts as head."""
        super().data_received(data)
        if self._head_complete or self.transport.is_closing():
            return
        self._head_bytes += len(data)
        if self._head_bytes > HEAD_LIMIT_BYTES:
            self.send_400_response(f"The head is larger than {HEAD_LIMIT_BYTES} bytes.")

    def on_message_begin(self) -> None:
        """Begin to wait for this request's head."""
        super().on_message_begin()
        self._await_head()

    def on_header(self, name: bytes, value: bytes) -> None:
        """Take a header without the white space around its value (RFC 9110, section 5.5)."""
        super().on_header(name, value.strip(b" \t"))

    def on_headers_complete(self) -> None:
        """Wait no longer."""
        self._head_complete = True
        self._stop_waiting()
        super().on_headers_complete()

    def _await_head(self) -> None:
        self._stop_waiting()
        self._head_bytes = 0
        self._head_complete = False
        self._deadline = self.loop.call_later(HEAD_DEADLINE_S, self.transport.close)

    def _stop_waiting(self) -> None:
        if self._deadline is not None:
            self._deadline.cancel()
            self._deadline = None
