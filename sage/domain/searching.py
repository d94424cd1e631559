"""Requests and answers of search and context."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from sage.domain import limits
from sage.domain.memories import DEFAULT_SPACE, Memory, Role
from sage.domain.validation import (
    validate_fraction,
    validate_metadata,
    validate_number,
    validate_text,
)
from sage.errors import InvalidInputError

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from sage.domain.embedding import EmbeddedQuestion


@dataclass(frozen=True, slots=True)
class Filters:
    """Which memories may answer. `after` is included, `before` is not; both are aware UTC."""

    session_id: str | None = None
    role: Role | None = None
    after: datetime | None = None
    before: datetime | None = None
    metadata: Mapping[str, object] = field(default_factory=dict)

    def __post_init__(self) -> None:
        """Validate the filters. Raises InvalidInputError."""
        if self.session_id is not None:
            validate_text("session_id", self.session_id, limits.MAX_SESSION_ID_CHARS)
        validate_metadata("metadata", self.metadata)
        if self.after is not None and self.before is not None and self.after >= self.before:
            raise InvalidInputError("after", "is not earlier than before", hint="swap the two")


@dataclass(frozen=True, slots=True)
class SearchRequest:
    """A search for at most `n` hits with a score of `similarity_threshold` (0 to 1) or more."""

    query: str
    n: int = 5
    similarity_threshold: float | None = None
    filters: Filters = field(default_factory=Filters)
    space_id: str = DEFAULT_SPACE

    def __post_init__(self) -> None:
        """Validate the request. Raises InvalidInputError."""
        validate_text("query", self.query, limits.MAX_QUERY_CHARS)
        validate_number("n", self.n, 1, limits.MAX_RESULTS)
        if self.similarity_threshold is not None:
            validate_fraction("similarity_threshold", self.similarity_threshold)


@dataclass(frozen=True, slots=True)
class Degradation:
    """A part of a search that was skipped, and why."""

    part: str
    reason: str


@dataclass(frozen=True, slots=True)
class Hit:
    """A memory that answers. `score` is 0 to 1; `signals` says what it is made of."""

    memory: Memory
    score: float
    signals: Mapping[str, float]


@dataclass(frozen=True, slots=True)
class SearchAnswer:
    """Hits, best first, what was skipped on the way, and the question if it was embedded."""

    hits: tuple[Hit, ...]
    degraded: tuple[Degradation, ...] = ()
    question: EmbeddedQuestion | None = None


@dataclass(frozen=True, slots=True)
class ContextRequest:
    """A request for context: text for a prompt of at most `context_window` tokens.

    Where `max_results` or `context_window` is None, the configured default applies; where `rerank`
    is None, hits are reranked if a reranker is configured. There is a summary only if `summarize`
    is True, since it takes time and space from the memories themselves.
    """

    query: str
    max_results: int | None = None
    context_window: int | None = None
    filters: Filters = field(default_factory=Filters)
    rerank: bool | None = None
    summarize: bool | None = None
    space_id: str = DEFAULT_SPACE

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
class ContextAnswer:
    """`context` is text in order of time; it takes at most `tokens`, which the window bounds.

    `memories` are the best hits that stand in it, in its order. What was said around them and
    further hits fill the rest.
    """

    context: str
    memories: tuple[Hit, ...]
    tokens: int
    degraded: tuple[Degradation, ...] = ()
