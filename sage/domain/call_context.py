"""The caller for whom work is done, and whether they still wait for the answer."""

from __future__ import annotations

import asyncio
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Hashable, Iterator


async def _never() -> None:
    await asyncio.Event().wait()


@dataclass(frozen=True, slots=True)
class CallContext:
    """The caller of some work, and how to wait until they disconnect.

    Callers with the same `quota_key` share one quota.
    """

    quota_key: Hashable = None
    wait_disconnected: Callable[[], Awaitable[None]] = _never


_context: ContextVar[CallContext] = ContextVar("call_context")
_NO_CALLER = CallContext()


@contextmanager
def use_call_context(caller: CallContext) -> Iterator[None]:
    """Set the caller of the work in the block."""
    token = _context.set(caller)
    try:
        yield
    finally:
        _context.reset(token)


def current_call() -> CallContext:
    """Return the caller of the current work; without one, a context that never disconnects."""
    return _context.get(_NO_CALLER)
