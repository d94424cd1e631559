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
class Presence:
    """A caller: those with one `name` share one quota. `left` waits until the caller leaves."""

    name: Hashable = None
    left: Callable[[], Awaitable[None]] = _never


_present: ContextVar[Presence] = ContextVar("present")
_ALWAYS = Presence()


@contextmanager
def working_for(caller: Presence) -> Iterator[None]:
    """Set the caller for whom the block works."""
    token = _present.set(caller)
    try:
        yield
    finally:
        _present.reset(token)


def current_presence() -> Presence:
    """Return the caller for whom work is done; one that never leaves if none was set."""
    return _present.get(_ALWAYS)
