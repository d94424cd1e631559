"""All that is known about one memory."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from uuid import UUID

from sage.domain.answer import doc, optional
from sage.domain.memories import Memory
from sage.domain.message_class import MessageClass


@dataclass(frozen=True, slots=True)
class MemoryDetails(Memory):
    """One message with all that is known about it."""

    embedded: bool = field(
        default=False,
        kw_only=True,
        metadata=doc("Whether it has its vector: without, it is found by its words only."),
    )
    replaces: tuple[UUID, ...] = field(
        default=(), kw_only=True, metadata=optional("The memories that it replaces.")
    )
    superseded_by: tuple[UUID, ...] = field(
        default=(), kw_only=True, metadata=optional("The memories that replace it.")
    )
    forgotten_at: datetime | None = field(
        default=None, kw_only=True, metadata=optional("When it was forgotten, UTC.")
    )
    kind: MessageClass = field(
        default=MessageClass.STATEMENT, kw_only=True, metadata=doc("What kind of message it is.")
    )
    reply_id: UUID | None = field(
        default=None, kw_only=True, metadata=optional("What answers it, if it asks.")
    )
