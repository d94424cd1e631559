"""Requests and answers of search and context."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import TYPE_CHECKING
from uuid import UUID

from sage.domain import limits
from sage.domain.answer import Answer, doc, internal, on_request, optional
from sage.domain.exchanges import AskedBefore, Reply
from sage.domain.memories import DEFAULT_SPACE, Memory, MemoryRecord, Role
from sage.domain.message_class import UNINFORMATIVE, UNRANKED, MessageClass
from sage.domain.provenance import Trust, TrustOf
from sage.domain.relevance import JudgedBy, MinRelevance, Relevance
from sage.domain.sent_phrases import PHRASES, SentPhrase, sent_with
from sage.domain.split_messages import chars_of_whole
from sage.domain.validation import (
    validate_fraction,
    validate_metadata,
    validate_number,
    validate_text,
)
from sage.errors import InvalidInputError

if TYPE_CHECKING:
    from sage.domain.embedding import EmbeddedQuestion

_PROBABILITY_DIGITS = 2
_MIN_PROBABILITY = 0.01
"""Lower probabilities are shown as this one: no result is certain not to answer."""
RELEVANCE = (
    "Whether anything stored answers: strong, weak or none; unknown if it cannot be determined."
)
ASKED = (
    "How often the same question was asked without an answer. Other wordings count"
    " only if the relevance is none; absent if an exchange or a later message clearly"
    " answers."
)
MAX_CANDIDATES = 1_000
"""More than the number of candidates of any question."""
MAX_PENDING = 1_000
"""The limit up to which waiting memories of a space are counted."""
PENDING = (
    "The number of memories that have no vectors yet and are found by their words only; at most"
    f" {MAX_PENDING:,} of each space are counted."
)
_SIGNAL_DIGITS = 3
_SCORE_DIGITS = 4
_SHARE_OF_LIKELIEST = 0.5
"""A hit with at least this share of the highest likelihood counts as an answer, too."""


@dataclass(frozen=True, slots=True)
class Filters:
    """Which memories may be results. `after` is included, `before` is not; both are aware UTC.

    `project` allows the memories of that project and those without one (`project` of the metadata).
    Superseded memories are left out unless `include_superseded` is true, and messages that only ask
    unless `include_questions` is true or the search is limited to a session or its user. `trust`
    allows memories with that trust for its reader.
    """

    session_id: str | None = None
    role: Role | None = None
    after: datetime | None = None
    before: datetime | None = None
    metadata: Mapping[str, object] = field(default_factory=dict)
    project: str | None = None
    include_superseded: bool = False
    include_questions: bool = False
    author: str | None = None
    trust: TrustOf | None = None

    def __post_init__(self) -> None:
        """Validate the filters. Raises InvalidInputError."""
        if self.session_id is not None:
            validate_text("session_id", self.session_id, limits.MAX_SESSION_ID_CHARS)
        if self.author is not None:
            validate_text("author", self.author, limits.MAX_NAME_CHARS)
        validate_metadata("metadata", self.metadata)
        if self.after is not None and self.before is not None and self.after >= self.before:
            raise InvalidInputError(
                "after", "{field} must be earlier than before", hint="swap the two"
            )

    @property
    def lets_in_questions(self) -> bool:
        """Whether messages that only ask may be results like statements."""
        return self.include_questions or self.role == Role.USER or self.session_id is not None

    @property
    def left_out(self) -> tuple[MessageClass, ...]:
        """The classes of messages that are left out unless they have an answer."""
        return UNRANKED if self.lets_in_questions else UNINFORMATIVE


@dataclass(frozen=True, slots=True)
class SearchRequest:
    """A search for at most `n` hits, and none if they are less relevant than `min_relevance`.

    A hit less probable than `similarity_threshold` (0 to 1) is left out. `outline` cuts each
    content to the line that matters, `highlights` adds where the words of the query stand in it,
    `details` adds tags, source and trust of every hit, `explain` adds the parts of each score and
    what the relevance was derived from. `spaces` are the names, by id, of the spaces to search; if
    empty, only `space_id` is searched. `with_other_language` also finds messages of people in
    another language, apart from the hits. A memory to be `located` is ranked even if it is not a
    candidate; then `n` may be the number of all candidates.
    """

    query: str
    n: int = 5
    min_relevance: MinRelevance | None = None
    similarity_threshold: float | None = None
    filters: Filters = field(default_factory=Filters)
    outline: bool = False
    highlights: bool = False
    details: bool = False
    explain: bool = False
    space_id: str = DEFAULT_SPACE
    spaces: Mapping[str, str] = field(default_factory=dict)
    reader: str | None = None
    with_other_language: bool = False
    locates: UUID | None = None

    def __post_init__(self) -> None:
        """Validate the request. Raises InvalidInputError."""
        validate_text("query", self.query, limits.MAX_QUERY_CHARS)
        most = limits.MAX_RESULTS if self.locates is None else MAX_CANDIDATES
        validate_number("n", self.n, 1, most)
        if self.similarity_threshold is not None:
            validate_fraction("similarity_threshold", self.similarity_threshold)


@dataclass(frozen=True, slots=True)
class Degradation(Answer):
    """A skipped part of a search."""

    part: str = field(metadata=doc("The skipped part."))
    reason: str = field(metadata=doc("Why it was skipped."))
    phrases: Mapping[str, SentPhrase] = field(
        default_factory=dict, init=False, compare=False, metadata=optional(PHRASES)
    )

    def __post_init__(self) -> None:
        """Add the phrase from which the reason is made."""
        object.__setattr__(self, "phrases", sent_with(reason=self.reason))


@dataclass(frozen=True, slots=True)
class Hit(MemoryRecord):
    """A memory that may answer the question."""

    superseded_at: datetime | None = field(
        metadata=optional("When a later memory replaced it, UTC.")
    )
    probability: float | None = field(
        metadata=optional(
            "The probability that the memory answers the question, 0 to 1; absent if unknown."
        )
    )
    standing: float = field(metadata=internal("Its place in the order, 0 to 1."))
    signals: Mapping[str, float] = field(
        metadata=optional("The signals from which the score was calculated; only with explain.")
    )
    score: float | None = field(
        default=None,
        kw_only=True,
        metadata=on_request(
            "The score in comparison with the other candidates, 0 to 1; 0.5 is the average."
            " With explain."
        ),
    )
    contributions: Mapping[str, float] = field(
        default_factory=dict,
        kw_only=True,
        metadata=on_request(
            "The contribution of each signal to the score; `other_language` lowers it. The"
            " sum is twice the log odds of the score. With explain."
        ),
    )
    stands_for: UUID | None = field(
        default=None,
        kw_only=True,
        metadata=on_request(
            "The memory that was found, if this one is returned in its place: the question"
            " that it answers, or the statement that it corrects. `signals` are those of that"
            " memory. With explain."
        ),
    )
    matches: tuple[tuple[int, int], ...] = field(
        default=(),
        kw_only=True,
        metadata=on_request(
            "Where words of the query occur in the content: start and end of each, in"
            " characters (Unicode code points). With highlights."
        ),
    )
    metadata: Mapping[str, object] = field(
        default_factory=dict,
        kw_only=True,
        metadata=on_request("The tags that were saved with the message. With details."),
    )
    space: str | None = field(
        default=None,
        kw_only=True,
        metadata=optional("The space of the memory; only if several spaces were searched."),
    )
    reply: Reply | None = field(
        default=None,
        kw_only=True,
        metadata=optional("The answer to the message, if it is a question."),
    )
    correction: Reply | None = field(
        default=None,
        kw_only=True,
        metadata=optional("The correction of the message or of its reply; it applies instead."),
    )
    times: int | None = field(
        default=None,
        kw_only=True,
        metadata=optional("How often this text was said, if more than once."),
    )
    whole_chars: int | None = field(
        default=None,
        kw_only=True,
        metadata=internal("How long the message is of which it is a part, if it is one."),
    )
    not_useful_at: datetime | None = field(
        default=None,
        kw_only=True,
        metadata=on_request(
            "When it was marked as not useful for a similar question, UTC; it is ranked"
            " last. With explain."
        ),
    )
    is_corrected: bool = field(
        default=False,
        kw_only=True,
        metadata=internal("Whether another side answered the same question better, later."),
    )

    @classmethod
    def of(  # noqa: PLR0913 - the parts of a hit
        cls,
        memory: Memory,
        standing: float,
        signals: Mapping[str, float],
        probability: float | None = None,
        reader: str | None = None,
        *,
        contributions: Mapping[str, float] | None = None,
        reply: Reply | None = None,
        correction: Reply | None = None,
        times: int = 1,
        is_corrected: bool = False,
        stands_for: UUID | None = None,
    ) -> Hit:
        """Return a memory as its reader sees it, with its score and its probability to answer.

        `reply` is the answer to it, and `times` the number of times it was said. With
        `contributions`, the standing remains the score even if the order changes.
        """
        return cls(
            **memory.seen_by(reader).record,
            superseded_at=memory.superseded_at,
            probability=probability,
            standing=standing,
            signals=signals,
            score=standing if contributions else None,
            contributions=contributions or {},
            metadata=memory.metadata,
            reply=reply,
            correction=correction,
            times=times if times > 1 else None,
            whole_chars=chars_of_whole(memory.metadata),
            is_corrected=is_corrected,
            stands_for=stands_for,
        )

    @property
    def likelihood(self) -> float:
        """How likely it answers: the probability if it is known, else the standing."""
        return self.standing if self.probability is None else self.probability

    def rounded(self, *, explain: bool = False, details: bool = False) -> Hit:
        """Return a copy with its figures rounded, and with signals if `explain` is true.

        Without details, its origin is included only if it is not known to be the reader's own.
        """
        likely = self.probability
        if likely is not None:
            likely = max(round(likely, _PROBABILITY_DIGITS), _MIN_PROBABILITY)
        shows_source = details or self.trust in {Trust.OTHER_MEMBER, Trust.IMPORTED}
        return replace(
            self,
            source=self.source if shows_source else None,
            trust=self.trust if shows_source else None,
            metadata=self.metadata if details else {},
            probability=likely,
            signals=_rounded(self.signals, _SIGNAL_DIGITS) if explain else {},
            score=round(self.score, _SCORE_DIGITS) if self.score is not None else None,
            contributions=_rounded(self.contributions, _SCORE_DIGITS),
            stands_for=self.stands_for if explain else None,
            not_useful_at=self.not_useful_at if explain else None,
        )


def _rounded(figures: Mapping[str, float], digits: int) -> dict[str, float]:
    return {name: round(figure, digits) for name, figure in figures.items()}


@dataclass(frozen=True, slots=True)
class SearchResult:
    """Hits, best first, the parts that were skipped, and the question if it was embedded.

    `relevance` is that of the first hits, also if they were removed later; `fits` is whether it
    reaches the requested one. `questions` are unanswered ones that state something new. `asked` is
    how often an equal question was not answered, `asked_similar` how often an equal or similar one
    was not. `pending` is the number of memories that have no vectors yet. `judged_by` is set if an
    explanation was requested, and `found_by` lists what made the located memory a candidate.
    """

    hits: tuple[Hit, ...]
    relevance: Relevance = Relevance.UNKNOWN
    fits: bool = True
    degraded: tuple[Degradation, ...] = ()
    question: EmbeddedQuestion | None = None
    questions: tuple[Hit, ...] = ()
    asked: AskedBefore | None = None
    asked_similar: AskedBefore | None = None
    pending: int = 0
    judged_by: JudgedBy | None = None
    found_by: tuple[str, ...] = ()

    def after(self, took_s: Mapping[str, float]) -> SearchResult:
        """Return a copy with the durations of its stages, given in seconds, if it is explained."""
        if self.judged_by is None:
            return self
        took_ms = {stage: 1_000 * took for stage, took in took_s.items()}
        return replace(self, judged_by=replace(self.judged_by, took_ms=took_ms))

    @property
    def asked_before(self) -> AskedBefore | None:
        """How often the same was asked without an answer; in other words only if nothing answers.

        None if an exchange, or a later message, surely answers.
        """
        if self.relevance is Relevance.NONE:
            return self.asked_similar
        if self.asked is None or (self.relevance is Relevance.STRONG and self._was_answered):
            return None
        return self.asked

    @property
    def _was_answered(self) -> bool:
        """Whether the earlier question was answered elsewhere, or later, by a likely hit."""
        likely = _SHARE_OF_LIKELIEST * max((hit.likelihood for hit in self.hits), default=0.0)
        return any(
            hit.role is Role.ASSISTANT
            or hit.reply is not None
            or hit.correction is not None
            or (self.asked is not None and hit.created_at > self.asked.last_at)
            for hit in self.hits
            if hit.likelihood >= likely
        )


@dataclass(frozen=True, slots=True)
class SearchAnswer(Answer):
    """The memories that may answer the question, best first."""

    relevance: Relevance = field(metadata=doc(RELEVANCE))
    results: tuple[Hit, ...] = field(
        metadata=doc("The closest memories, best first, whether they answer the question or not.")
    )
    degraded: tuple[Degradation, ...] = field(
        metadata=optional("The parts of the search that were skipped.")
    )
    asked: AskedBefore | None = field(default=None, metadata=optional(ASKED))
    pending: int | None = field(default=None, metadata=optional(PENDING))
    judged_by: JudgedBy | None = field(
        default=None,
        metadata=on_request(
            "What the relevance was derived from, and the durations of the search. With explain."
        ),
    )
    fits: bool = field(default=True, metadata=internal("Whether a model is shown the results."))
    read: tuple[Hit, ...] = field(
        default=(), metadata=internal("The results as a model reads them, long messages cut.")
    )
