"""Who asks, and which space they are let into: no call reaches a memory another way."""

from __future__ import annotations

from contextlib import contextmanager
from contextvars import ContextVar
from typing import TYPE_CHECKING

from sage.access.audit.event import note_entry
from sage.domain.caller import ALL_SPACES, Principal

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sage.domain.caller import Caller, SpaceRole

NOBODY = Principal()
"""Somebody who may open nothing."""
_principal: ContextVar[Principal] = ContextVar("principal", default=NOBODY)


@contextmanager
def acting_as(principal: Principal) -> Iterator[None]:
    """Allow what is called inside to act as somebody."""
    token = _principal.set(principal)
    try:
        yield
    finally:
        _principal.reset(token)


def current_principal() -> Principal:
    """Return who asks; somebody who may open nothing where nobody was let in."""
    return _principal.get()


def current_caller(
    needed: SpaceRole, space: str | None = None, *, takes_all: bool = False
) -> Caller:
    """Return the caller in a space where they need a role. Raises NotFoundError, ForbiddenError.

    A call that `takes_all` spaces is let into each of them where `*` is asked for. Raises
    InvalidInputError where these are too many.
    """
    principal = current_principal()
    if takes_all and space == ALL_SPACES:
        caller = principal.enter_all(needed)
    else:
        caller = principal.enter(space, needed)
    note_entry(principal, caller.spaces or {caller.space_id: caller.space_id})
    return caller
