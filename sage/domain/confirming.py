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
    """A request to confirm that a memory is still valid, by its id or the last 8 digits of it.

    With `undo` the confirmation is removed.
    """

    memory_id: UUID | str
    undo: bool = False
    space_id: str = DEFAULT_SPACE
    author: str | None = None


@dataclass(frozen=True, slots=True)
class Confirmation(Answer):
    """Whether a memory still holds, as far as somebody said so."""

    memory_id: UUID = field(metadata=doc("The memory."))
    confirmed_at: datetime | None = field(
        default=None, metadata=optional("When somebody last said that it still holds, UTC.")
    )
    confirmed_by: str | None = field(
        default=None, metadata=optional("Whose token said so, where one was shown.")
    )
