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
    """The outcome of a search for one memory."""

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
    """The rank of a memory in a search, and the reasons for it."""

    verdict: Verdict = field(
        metadata=doc(
            "`found`: among the hits; `below`: ranked after them; `filtered`: excluded, see"
            " `filtered_by`; `superseded`: replaced by later memories; `forgotten`; `not a"
            " candidate`: it contains no significant word of the query and is not close in"
            " meaning; `unknown`: there is no such memory."
        )
    )
    relevance: Relevance | None = field(
        default=None,
        metadata=optional("The relevance of the search; absent if no search was made."),
    )
    place: int | None = field(
        default=None,
        metadata=optional(
            "The rank of the memory, starting at 1; for a memory that is no candidate, the"
            " rank that it would have."
        ),
    )
    of: int | None = field(default=None, metadata=optional("The number of hits without a limit."))
    probability: float | None = field(
        default=None,
        metadata=optional(
            "The probability that the memory answers the question, 0 to 1; absent if unknown."
        ),
    )
    score: float | None = field(
        default=None,
        metadata=optional("The score in comparison with the other candidates, 0 to 1."),
    )
    signals: Mapping[str, float] = field(
        default_factory=dict, metadata=optional("The signals from which the score was calculated.")
    )
    contributions: Mapping[str, float] = field(
        default_factory=dict,
        metadata=optional(
            "The contribution of each signal to the score, as in a search with `explain`."
        ),
    )
    first: Mapping[str, float] = field(
        default_factory=dict,
        metadata=optional("The contributions to the score of the first hit, for comparison."),
    )
    found_by: tuple[str, ...] = field(
        default=(),
        metadata=optional("What made the memory a candidate: `words`, `meaning` or both."),
    )
    kind: MessageClass | None = field(
        default=None,
        metadata=optional(
            "The kind of the message; only for kinds that are not found unless they were answered."
        ),
    )
    shown_as: UUID | None = field(
        default=None,
        metadata=optional(
            "The hit that represents the memory, if that is another one: its question or"
            " answer, its correction, or a newer memory with the same content."
        ),
    )
    filtered_by: tuple[str, ...] = field(
        default=(),
        metadata=optional(
            "The arguments that exclude the memory. `include_questions`: it is only a"
            " question; `max_age_days`, `min_relevance` and `similarity_threshold` can also"
            " come from the configuration."
        ),
    )
    superseded_by: tuple[UUID, ...] = field(
        default=(), metadata=optional("The memories that replace it.")
    )
    forgotten_at: datetime | None = field(
        default=None, metadata=optional("When the memory was forgotten, UTC.")
    )
    embedded: bool | None = field(
        default=None,
        metadata=optional(
            "Whether the memory has a vector; without one, it is found by its words only."
        ),
    )
    memory: MemoryDetails | None = field(
        default=None, metadata=optional("The memory; absent if it is forgotten or unknown.")
    )
    degraded: tuple[Degradation, ...] = field(
        default=(), metadata=optional("The parts of the search that were skipped.")
    )
