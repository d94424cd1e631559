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
    """A later message: the newest answer to a question, or the correction of a statement."""

    memory_id: UUID = field(metadata=doc("The permanent id of the message."))
    role: Role = field(metadata=doc("The role of the speaker."))
    name: str | None = field(metadata=optional("The speaker's name, if known."))
    content: str = field(metadata=doc("The text of the message; only the beginning if it is long."))


@dataclass(frozen=True, slots=True)
class AskedBefore(Answer):
    """How often the same question was asked before without an answer."""

    count: int = field(metadata=doc("How often the question was asked without an answer."))
    last_at: datetime = field(metadata=doc("When it was last asked, UTC."))

    @classmethod
    def joined(cls, parts: Iterable[AskedBefore | None]) -> AskedBefore | None:
        """Combine the counts of several words or spaces; None where nothing was asked before."""
        asked = [one for one in parts if one is not None]
        if not asked:
            return None
        return cls(sum(one.count for one in asked), max(one.last_at for one in asked))
