"""Serves a request on behalf of whoever its token belonged to a moment ago.

The token is looked up again by the first statement of the request, or else before the answer
leaves. Where it no longer opens what it did, nothing has been done and nothing is answered.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from sage.access.audit.event import note_anew
from sage.store.token_check import requiring

if TYPE_CHECKING:
    from starlette.types import ASGIApp, Message, Receive, Scope, Send

    from sage.access.accounts.gate import TokenGate
    from sage.store.token_check import TokenCheck


class AssumedRequest:
    """A request that may be received again, for one more try with a token that was looked up."""

    def __init__(self, check: TokenCheck, gate: TokenGate, receive: Receive) -> None:
        self._check = check
        self._gate = gate
        self._receive = receive
        self._received: list[Message] = []

    async def serve(self, app: ASGIApp, scope: Scope, send: Send) -> bool:
        """Return whether the request was served: not where its token may open something else.

        What `app` answers or raises then is dropped.
        """
        is_wrong = False

        async def send_if_confirmed(message: Message) -> None:
            nonlocal is_wrong
            is_wrong = is_wrong or not await self._passes()
            if not is_wrong:
                self._received.clear()
                await send(message)

        try:
            with requiring(self._check):
                await app(scope, self._receive_noting, send_if_confirmed)
        except Exception:
            is_wrong = is_wrong or not await self._passes()
            if not is_wrong:
                raise
        if is_wrong:
            note_anew()
        return not is_wrong

    async def receive_again(self) -> Message:
        """Receive what was received before, then what follows."""
        return self._received.pop(0) if self._received else await self._receive()

    async def _passes(self) -> bool:
        if not self._check.is_pending:  # as nearly always: the first statement has made it
            return True
        with requiring(self._check):
            return await self._gate.confirms()

    async def _receive_noting(self) -> Message:
        message = await self._receive()
        if self._check.is_pending:
            self._received.append(message)
        return message
