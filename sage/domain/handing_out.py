"""What is handed to sessions of AI clients: on which occasion, and how likely it answers."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, datetime
from enum import StrEnum
from typing import TYPE_CHECKING
from uuid import UUID  # noqa: TC003 - pydantic reads it

from sage.domain.ids import new_memory_id

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sage.domain.relevance import Relevance


class RecallTrigger(StrEnum):
    """By what memories are handed out: by hooks at three events, and by two tools."""

    START = "start"
    PROMPT = "prompt"
    EDIT = "edit"
    SEARCH = "search"
    CONTEXT = "context"


@dataclass(frozen=True, slots=True)
class HandedOut:
    """A memory that was handed out; `probability` is None where that was not judged."""

    memory_id: UUID
    probability: float | None = None


@dataclass(frozen=True, slots=True)
class Recall:
    """An occasion on which memories of a space were handed out, the best first.

    `query` is kept until its words are hashed. `session_id`, `project` and `client` are None where
    the caller named none, `author` is as of what they save.
    """

    space_id: str
    occasion: RecallTrigger
    query: str
    memories: Sequence[HandedOut]
    relevance: Relevance | None = None
    session_id: str | None = None
    project: str | None = None
    client: str | None = None
    author: str | None = None
    recall_id: UUID = field(default_factory=new_memory_id)
    at: datetime = field(default_factory=lambda: datetime.now(UTC))
