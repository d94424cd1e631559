"""By which name the AI client at hand calls itself, where it said so."""

from __future__ import annotations

from contextlib import contextmanager
from contextvars import ContextVar
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

_client: ContextVar[str | None] = ContextVar("calling_client", default=None)


@contextmanager
def called_by(client: str | None) -> Iterator[None]:
    """Allow what is called inside to know which client calls."""
    token = _client.set(client)
    try:
        yield
    finally:
        _client.reset(token)


def calling_client() -> str | None:
    """Return the name of the client that calls, None where it is not known."""
    return _client.get()
