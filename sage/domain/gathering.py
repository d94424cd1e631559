"""Requests and answers of context: memories as text for a prompt."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING
from uuid import UUID

from sage.domain import limits
from sage.domain.answer import Answer, doc, optional
from sage.domain.exchanges import AskedBefore
from sage.domain.memories import DEFAULT_SPACE, MemoryRecord, Role
from sage.domain.relevance import MinRelevance, Relevance
from sage.domain.searching import ASKED, PENDING, RELEVANCE, Degradation, Filters
from sage.domain.validation import validate_number, validate_text

if TYPE_CHECKING:
    from collections.abc import Mapping


@dataclass(frozen=True, slots=True)
class ContextRequest:
    """A request for context: text for a prompt of at most `context_window` tokens.

    The text is empty if the results are less relevant than `min_relevance`.

    Where `max_results` or `context_window` is None, the configured default applies; where `rerank`
    is None, hits are reranked if a reranker is configured. A summary is included only if
    `summarize` is True, since it takes time, and room from the memories themselves. `spaces` are as
    in a search.
    """

    query: str
    max_results: int | None = None
    context_window: int | None = None
    min_relevance: MinRelevance | None = None
    filters: Filters = field(default_factory=Filters)
    rerank: bool | None = None
    summarize: bool | None = None
    space_id: str = DEFAULT_SPACE
    spaces: Mapping[str, str] = field(default_factory=dict)
    reader: str | None = None

    def __post_init__(self) -> None:
        """Validate the request. Raises InvalidInputError."""
        validate_text("query", self.query, limits.MAX_QUERY_CHARS)
        if self.max_results is not None:
            validate_number("max_results", self.max_results, 1, limits.MAX_RESULTS)
        if self.context_window is not None:
            validate_number(
                "context_window",
                self.context_window,
                limits.MIN_CONTEXT_TOKENS,
                limits.MAX_CONTEXT_TOKENS,
            )


@dataclass(frozen=True, slots=True)
class ListedMemory(Answer):
    """A memory in the text, which contains its content."""

    memory_id: UUID = field(metadata=doc("The permanent id of the message."))
    session_id: str = field(metadata=doc("The conversation that the message belongs to."))
    role: Role = field(metadata=doc("The role of the speaker."))
    name: str | None = field(metadata=optional("The speaker's name, if known."))
    created_at: datetime = field(metadata=doc("The time of the message, UTC, to the second."))
    space: str | None = field(
        default=None,
        kw_only=True,
        metadata=optional("The space of the memory; only if several spaces were searched."),
    )

    @classmethod
    def of(cls, memory: MemoryRecord) -> ListedMemory:
        """Return a memory without its content."""
        return cls(
            memory.memory_id,
            memory.session_id,
            memory.role,
            memory.name,
            memory.created_at.replace(microsecond=0),
            space=memory.space,
        )


@dataclass(frozen=True, slots=True)
class ContextAnswer(Answer):
    """Memories as text for a prompt."""

    context: str = field(
        metadata=doc("The text for a prompt, at most as long as the context window.")
    )
    relevance: Relevance = field(metadata=doc(RELEVANCE))
    memories: tuple[ListedMemory, ...] = field(
        metadata=doc("The best hits in the text, in the order of the text.")
    )
    tokens: int = field(metadata=doc("An upper bound of the number of tokens in the text."))
    degraded: tuple[Degradation, ...] = field(
        metadata=optional("The parts of the search that were skipped.")
    )
    asked: AskedBefore | None = field(default=None, metadata=optional(ASKED))
    pending: int | None = field(default=None, metadata=optional(PENDING))
