"""Threads for the computations of saves, separate from those for answers, and shared fairly.

A caller gets a part of them, and no work outlives the wait for it: it ends between two pieces when
the caller disconnects, and when Sage stops.
"""

from __future__ import annotations

import asyncio
import threading
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from contextlib import asynccontextmanager
from contextvars import copy_context
from typing import TYPE_CHECKING, TypeVar

from sage.domain.call_context import current_call
from sage.errors import WithdrawnError

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable, Hashable

    CheckCancelled = Callable[[], None]
    """A function that work calls between its pieces. Raises WithdrawnError to end the work."""

_Result = TypeVar("_Result")

_THREADS = 2
_OF_ONE_CALLER = 1


class SaveThreads:
    """A few threads of one process; belongs to one event loop."""

    def __init__(self) -> None:
        self._threads = ThreadPoolExecutor(_THREADS, "sage-save")
        self._free = asyncio.Semaphore(_THREADS)
        self._parts: dict[Hashable, asyncio.Semaphore] = {}
        self._users: Counter[Hashable] = Counter()
        self._closed = threading.Event()

    async def run(self, work: Callable[[CheckCancelled], _Result]) -> _Result:
        """Run `work` in a thread, once the caller's turn has come, and return its result.

        Raises WithdrawnError when the caller leaves before, and what `work` raises.
        """
        caller = current_call()
        working = asyncio.ensure_future(self._in_turn(caller.quota_key, work))
        leaving = asyncio.ensure_future(caller.wait_disconnected())
        try:
            await asyncio.wait((working, leaving), return_when=asyncio.FIRST_COMPLETED)
        finally:
            leaving.cancel()
            working.add_done_callback(_take_note)
            if not working.done():
                working.cancel()  # the caller's part stays in use until the thread has ended
        if not working.done():
            raise _withdrawn()
        return working.result()

    async def close(self) -> None:
        """End running work at its next piece, and the threads with it, without waiting for them."""
        self._closed.set()
        self._threads.shutdown(wait=False, cancel_futures=True)

    async def _in_turn(
        self, caller: Hashable, work: Callable[[CheckCancelled], _Result]
    ) -> _Result:
        async with self._part_of(caller), self._free:
            given_up = threading.Event()

            def check_cancelled() -> None:
                if given_up.is_set() or self._closed.is_set():
                    raise _withdrawn()

            run = copy_context().run
            loop = asyncio.get_running_loop()
            thread = loop.run_in_executor(self._threads, run, work, check_cancelled)
            thread.add_done_callback(_take_note)
            try:
                await asyncio.wait((thread,))
            except asyncio.CancelledError:
                given_up.set()
                await asyncio.wait((thread,))
                raise
            return thread.result()

    @asynccontextmanager
    async def _part_of(self, caller: Hashable) -> AsyncIterator[None]:
        """Wait for a free one of the caller's part of the threads."""
        part = self._parts.setdefault(caller, asyncio.Semaphore(_OF_ONE_CALLER))
        self._users[caller] += 1
        try:
            async with part:
                yield
        finally:
            self._users[caller] -= 1
            if not self._users[caller]:
                del self._users[caller], self._parts[caller]


def _withdrawn() -> WithdrawnError:
    return WithdrawnError("the call was cancelled", hint="send it again, and wait for the response")


def _take_note(thread: asyncio.Future[_Result]) -> None:
    """Retrieve the outcome of work that nobody awaits, so that it is not logged as a failure."""
    if not thread.cancelled():
        thread.exception()
