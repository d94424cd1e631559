"""Whose call is being worked on, and whether they still wait for its answer."""

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
    """A caller: those with one `name` share what one caller gets. `left` waits until they leave."""

    name: Hashable = None
    left: Callable[[], Awaitable[None]] = _never


_present: ContextVar[Presence] = ContextVar("present")
_ALWAYS = Presence()


@contextmanager
def working_for(caller: Presence) -> Iterator[None]:
    """Work for a caller inside the block."""
    token = _present.set(caller)
    try:
        yield
    finally:
        _present.reset(token)


def current_presence() -> Presence:
    """Return for whom is worked; somebody who stays where nobody was named."""
    return _present.get(_ALWAYS)
