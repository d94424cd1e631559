"""Earlier questions in a search: their replies, and how often they were not answered."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING
from uuid import UUID

from sage.domain.answer import Answer, doc, optional
from sage.domain.memories import Role

if TYPE_CHECKING:
    from collections.abc import Iterable


@dataclass(frozen=True, slots=True)
class Reply(Answer):
    """What was said later: the newest answer to a question, or what puts a statement right."""

    memory_id: UUID = field(metadata=doc("Stays the same for ever."))
    role: Role = field(metadata=doc("Who said it."))
    name: str | None = field(metadata=optional("The name of who said it, when known."))
    content: str = field(metadata=doc("What was said; of a long text, its beginning."))


@dataclass(frozen=True, slots=True)
class AskedBefore(Answer):
    """That the same was asked before, and nobody answered."""

    count: int = field(metadata=doc("How often it was asked in vain."))
    last_at: datetime = field(metadata=doc("When it was asked last, UTC."))

    @classmethod
    def joined(cls, parts: Iterable[AskedBefore | None]) -> AskedBefore | None:
        """Combine the counts of several words or spaces; None where nothing was asked before."""
        asked = [one for one in parts if one is not None]
        if not asked:
            return None
        return cls(sum(one.count for one in asked), max(one.last_at for one in asked))
