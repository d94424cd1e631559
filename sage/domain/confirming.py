"""Requests to confirm that a memory is still valid, and their answers."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from uuid import UUID

from sage.domain.answer import Answer, doc, optional
from sage.domain.memories import DEFAULT_SPACE

SHOWN_AFTER = timedelta(days=90)
"""The age from which a memory is shown to a model with its confirmation."""


@dataclass(frozen=True, slots=True)
class ConfirmRequest:
    """A request to confirm that a memory is still valid, by its id or a part of it.

    With `undo` the confirmation is removed.
    """

    memory_id: UUID | str
    undo: bool = False
    space_id: str = DEFAULT_SPACE
    author: str | None = None


@dataclass(frozen=True, slots=True)
class Confirmation(Answer):
    """Whether and when a memory was confirmed to be still valid."""

    memory_id: UUID = field(metadata=doc("The id of the memory."))
    confirmed_at: datetime | None = field(
        default=None,
        metadata=optional("When the memory was last confirmed to be still valid, UTC."),
    )
    confirmed_by: str | None = field(
        default=None,
        metadata=optional("The user or token that confirmed it; absent if no token was used."),
    )
