"""Requests for whole memories by their ids, and everything that is known about one."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from uuid import UUID

from sage.domain import limits
from sage.domain.answer import Answer, doc, optional
from sage.domain.memories import DEFAULT_SPACE, Memory, MemoryRecord
from sage.domain.message_class import MessageClass
from sage.errors import InvalidInputError
from sage.phrases import phrase


@dataclass(frozen=True, slots=True)
class ReadRequest:
    """Memories to read, by whole ids or by parts of others (`short_ids`)."""

    memory_ids: tuple[UUID, ...] = ()
    short_ids: tuple[str, ...] = ()
    space_id: str = DEFAULT_SPACE
    reader: str | None = None

    def __post_init__(self) -> None:
        """Validate the request. Raises InvalidInputError."""
        number = len(self.memory_ids) + len(self.short_ids)
        if not 1 <= number <= limits.MAX_READ_IDS:
            raise InvalidInputError(
                "memory_ids",
                phrase("{field} contains {number:,}", number=number),
                hint=phrase("pass 1 to {most}", most=limits.MAX_READ_IDS),
            )


@dataclass(frozen=True, slots=True)
class ReadMemory(MemoryRecord):
    """A memory that was asked for."""

    metadata: Mapping[str, object] = field(
        metadata=optional("The tags that were saved with the message.")
    )
    superseded_at: datetime | None = field(
        metadata=optional("When a later memory replaced it, UTC.")
    )

    @classmethod
    def of(cls, memory: Memory) -> ReadMemory:
        """Return everything that is stored about a memory."""
        return cls(**memory.record, metadata=memory.metadata, superseded_at=memory.superseded_at)


@dataclass(frozen=True, slots=True)
class ReadAnswer(Answer):
    """Whole memories."""

    memories: tuple[ReadMemory, ...] = field(metadata=doc("The memories that exist."))
    unknown: tuple[str, ...] = field(metadata=optional("Ids that match no memory."))


@dataclass(frozen=True, slots=True)
class MemoryDetails(Memory):
    """A message with everything that is known about it."""

    embedded: bool = field(
        default=False,
        kw_only=True,
        metadata=doc(
            "Whether the memory has a vector; without one, it is found by its words only."
        ),
    )
    replaces: tuple[UUID, ...] = field(
        default=(), kw_only=True, metadata=optional("The memories that it replaces.")
    )
    superseded_by: tuple[UUID, ...] = field(
        default=(), kw_only=True, metadata=optional("The memories that replace it.")
    )
    forgotten_at: datetime | None = field(
        default=None, kw_only=True, metadata=optional("When the memory was forgotten, UTC.")
    )
    kind: MessageClass = field(
        default=MessageClass.STATEMENT, kw_only=True, metadata=doc("The kind of the message.")
    )
    reply_id: UUID | None = field(
        default=None,
        kw_only=True,
        metadata=optional("The id of the message that answers it, if it is a question."),
    )
