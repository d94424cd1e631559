"""Requests for the rank of a memory in a search, and answers: why it was or was not found."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from uuid import UUID

from sage.domain import limits
from sage.domain.answer import Answer, doc, optional
from sage.domain.message_class import MessageClass
from sage.domain.reading import MemoryDetails
from sage.domain.relevance import Relevance
from sage.domain.searching import Degradation, SearchRequest
from sage.domain.validation import validate_text
from sage.errors import InvalidInputError


class Verdict(StrEnum):
    """Where a memory fell."""

    FOUND = "found"
    BELOW = "below"
    FILTERED = "filtered"
    SUPERSEDED = "superseded"
    FORGOTTEN = "forgotten"
    NOT_A_CANDIDATE = "not a candidate"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class LocateRequest:
    """A request for the rank of a memory in a search, or of the best one with the words of `text`.

    The memory is named by its whole id or by a part of it (`short_ids`).
    """

    search: SearchRequest
    memory_ids: tuple[UUID, ...] = ()
    short_ids: tuple[str, ...] = ()
    text: str | None = None

    def __post_init__(self) -> None:
        """Validate the request. Raises InvalidInputError."""
        if len(self.memory_ids) + len(self.short_ids) + (self.text is not None) != 1:
            raise InvalidInputError(
                "memory_id", "{field}: pass either memory_id or text", hint="one of the two"
            )
        if self.text is not None:
            validate_text("text", self.text, limits.MAX_QUERY_CHARS)


@dataclass(frozen=True, slots=True)
class Located(Answer):
    """Where a memory fell in a search, and why."""

    verdict: Verdict = field(
        metadata=doc(
            "`found` among the hits; `below` them; `filtered` by `filtered_by`; `superseded` by"
            " later memories; `forgotten`; `not a candidate`: it holds no word that tells much, and"
            " is not near by meaning; `unknown`: there is no such memory."
        )
    )
    relevance: Relevance | None = field(
        default=None, metadata=optional("That of the search; absent where none was made.")
    )
    place: int | None = field(
        default=None,
        metadata=optional(
            "Its place in the order, from 1 on; of what is no candidate the place it would have."
        ),
    )
    of: int | None = field(
        default=None, metadata=optional("How many hits there would be without a limit.")
    )
    probability: float | None = field(
        default=None,
        metadata=optional("How likely it is that it answers, 0 to 1; absent where unknown."),
    )
    score: float | None = field(
        default=None, metadata=optional("How it compares with the other candidates, 0 to 1.")
    )
    signals: Mapping[str, float] = field(
        default_factory=dict, metadata=optional("The signals the score was calculated from.")
    )
    contributions: Mapping[str, float] = field(
        default_factory=dict,
        metadata=optional("What each signal adds to the score, as in a search with explain."),
    )
    first: Mapping[str, float] = field(
        default_factory=dict,
        metadata=optional("The contributions to the score of the first hit, to compare with."),
    )
    found_by: tuple[str, ...] = field(
        default=(), metadata=optional("What made it a candidate: `words`, `meaning` or both.")
    )
    kind: MessageClass | None = field(
        default=None,
        metadata=optional(
            "What kind of message it is, where those are not found by themselves unless they were"
            " answered."
        ),
    )
    shown_as: UUID | None = field(
        default=None,
        metadata=optional(
            "The hit that tells it where that is another one: its question or answer, what puts it"
            " right, or what says the same and is newer."
        ),
    )
    filtered_by: tuple[str, ...] = field(
        default=(),
        metadata=optional(
            "The arguments that leave it out. `include_questions`: it only asks; `max_age_days`,"
            " `min_relevance` and `similarity_threshold` may be those of the configuration."
        ),
    )
    superseded_by: tuple[UUID, ...] = field(
        default=(), metadata=optional("The memories that replace it.")
    )
    forgotten_at: datetime | None = field(
        default=None, metadata=optional("When it was forgotten, UTC.")
    )
    embedded: bool | None = field(
        default=None,
        metadata=optional("Whether it has its vector: without, it is found by its words only."),
    )
    memory: MemoryDetails | None = field(
        default=None, metadata=optional("The memory; absent where it is forgotten or unknown.")
    )
    degraded: tuple[Degradation, ...] = field(
        default=(), metadata=optional("Parts of the search that were skipped.")
    )
