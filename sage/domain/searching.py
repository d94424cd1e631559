"""Requests and answers of search and context."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import TYPE_CHECKING
from uuid import UUID

from sage.domain import limits
from sage.domain.answer import Answer, doc, internal, optional
from sage.domain.exchanges import AskedBefore, Reply
from sage.domain.memories import DEFAULT_SPACE, Memory, MemoryRecord, Role
from sage.domain.message_class import UNRANKED, VAIN, MessageClass
from sage.domain.provenance import UNKNOWN_SOURCE, Trust, TrustOf, trust_of
from sage.domain.relevance import MinRelevance, Relevance
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
_LEAST_PROBABILITY = 0.01
"""What is shown of any lower one: nothing found is known not to answer."""
_RELEVANCE = (
    "Whether anything stored answers: strong, weak or none; unknown where it cannot be told."
)
_ASKED = (
    "How often the same was asked in vain; in other words only where the relevance is none, and not"
    " where an exchange, or what was said later, surely answers."
)
MOST_PENDING = 1_000
"""So many memories that wait for their vectors are counted in a space."""
_PENDING = (
    "How many memories still wait for their vectors, and are found by their words alone; at most"
    f" {MOST_PENDING} of each space are counted."
)
_SIGNAL_DIGITS = 3
_SHARE_OF_LIKELIEST = 0.5
"""How likely a hit answers, seen from the likeliest, that is taken for an answer beside it."""


@dataclass(frozen=True, slots=True)
class Filters:
    """Which memories may answer. `after` is included, `before` is not; both are aware UTC.

    `project` lets in the memories of that project and those of none (`project` of the metadata).
    What later memories replace is left out unless `include_superseded` is true, and what was only
    asked unless `include_questions` is true or what is asked for is that of a session or of its
    user. `trust` lets in what is that to its reader.
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
        """Whether what was only asked may be found as what was said is."""
        return self.include_questions or self.role == Role.USER or self.session_id is not None

    @property
    def left_out(self) -> tuple[MessageClass, ...]:
        """The classes of messages that are left out unless they were answered."""
        return UNRANKED if self.lets_in_questions else VAIN


@dataclass(frozen=True, slots=True)
class SearchRequest:
    """A search for at most `n` hits, none if they are less relevant than `min_relevance`.

    A hit less probable than `similarity_threshold` (0 to 1) is left out. `outline` cuts each
    content to the line that matters, `explain` adds the signals of each score. `spaces` are the
    names by id of the spaces to look through; where there are none, it is `space_id` alone. With
    `finds_foreign` what people said in another language is found apart from the hits.
    """

    query: str
    n: int = 5
    min_relevance: MinRelevance | None = None
    similarity_threshold: float | None = None
    filters: Filters = field(default_factory=Filters)
    outline: bool = False
    explain: bool = False
    space_id: str = DEFAULT_SPACE
    spaces: Mapping[str, str] = field(default_factory=dict)
    reader: str | None = None
    finds_foreign: bool = False

    def __post_init__(self) -> None:
        """Validate the request. Raises InvalidInputError."""
        validate_text("query", self.query, limits.MAX_QUERY_CHARS)
        validate_number("n", self.n, 1, limits.MAX_RESULTS)
        if self.similarity_threshold is not None:
            validate_fraction("similarity_threshold", self.similarity_threshold)


@dataclass(frozen=True, slots=True)
class Degradation(Answer):
    """A part that was skipped."""

    part: str = field(metadata=doc("Which part."))
    reason: str = field(metadata=doc("Why."))
    phrases: Mapping[str, SentPhrase] = field(
        default_factory=dict, init=False, compare=False, metadata=optional(PHRASES)
    )

    def __post_init__(self) -> None:
        """Add how the reason is made."""
        object.__setattr__(self, "phrases", sent_with(reason=self.reason))


@dataclass(frozen=True, slots=True)
class Hit(MemoryRecord):
    """A memory that answers."""

    superseded_at: datetime | None = field(
        metadata=optional("Since when a later memory replaces it.")
    )
    probability: float | None = field(
        metadata=optional("How likely it is that it answers, 0 to 1; absent where unknown.")
    )
    score: float = field(metadata=internal("Its place in the order, 0 to 1."))
    signals: Mapping[str, float] = field(
        metadata=optional("The signals the score was calculated from; with explain only.")
    )
    space: str | None = field(
        default=None,
        kw_only=True,
        metadata=optional("The space it is in; only where several were searched."),
    )
    reply: Reply | None = field(
        default=None, kw_only=True, metadata=optional("What was answered; only to a question.")
    )
    correction: Reply | None = field(
        default=None,
        kw_only=True,
        metadata=optional("What puts it right, or its reply: that holds instead."),
    )
    times: int | None = field(
        default=None,
        kw_only=True,
        metadata=optional("How often it was said in these words, if more than once."),
    )
    whole_chars: int | None = field(
        default=None,
        kw_only=True,
        metadata=internal("How long the message is of which it is a part, if it is one."),
    )
    is_corrected: bool = field(
        default=False,
        kw_only=True,
        metadata=internal("Whether another side answered the same question better, later."),
    )

    @classmethod
    def of(  # noqa: PLR0913 - what is shown of a memory that was found
        cls,
        memory: Memory,
        score: float,
        signals: Mapping[str, float],
        probability: float | None = None,
        reader: str | None = None,
        *,
        reply: Reply | None = None,
        correction: Reply | None = None,
        times: int = 1,
        is_corrected: bool = False,
    ) -> Hit:
        """Return a memory as its reader sees it, with its score and how likely it answers.

        `reply` is what was answered to it, and `times` how often it was said.
        """
        return cls(
            memory.memory_id,
            memory.session_id,
            memory.role,
            memory.name,
            memory.content,
            memory.created_at,
            memory.superseded_at,
            probability,
            score,
            signals,
            author=memory.author,
            source=memory.source or UNKNOWN_SOURCE,
            trust=trust_of(memory.author, memory.source, reader),
            reply=reply,
            correction=correction,
            times=times if times > 1 else None,
            whole_chars=chars_of_whole(memory.metadata),
            is_corrected=is_corrected,
        )

    @property
    def likelihood(self) -> float:
        """How likely it answers, as far as that is known: the probability, else the score."""
        return self.score if self.probability is None else self.probability

    def shown(self, *, explain: bool) -> Hit:
        """Return the hit with figures as short as they tell something, and signals if wanted.

        Where it comes from is told of what is not known to be the reader's own.
        """
        signals = {"score": self.score, **self.signals} if explain else {}
        likely = self.probability
        if likely is not None:
            likely = max(round(likely, _PROBABILITY_DIGITS), _LEAST_PROBABILITY)
        foreign = self.trust in {Trust.OTHER_MEMBER, Trust.IMPORTED}
        return replace(
            self,
            source=self.source if foreign else None,
            trust=self.trust if foreign else None,
            probability=likely,
            signals={name: round(value, _SIGNAL_DIGITS) for name, value in signals.items()},
        )


@dataclass(frozen=True, slots=True)
class Found:
    """Hits, best first, what was skipped on the way, and the question if it was embedded.

    `relevance` is that of the first hits, whether they are still among them or not; `fits` says
    whether it reaches what was asked for. `questions` are those without an answer that say
    something of their own. `asked` is how often an equal question was asked in vain, `asked_alike`
    how often it or one in other words was. So many memories as are `pending` have no vectors yet.
    """

    hits: tuple[Hit, ...]
    relevance: Relevance = Relevance.UNKNOWN
    fits: bool = True
    degraded: tuple[Degradation, ...] = ()
    question: EmbeddedQuestion | None = None
    questions: tuple[Hit, ...] = ()
    asked: AskedBefore | None = None
    asked_alike: AskedBefore | None = None
    pending: int = 0

    @property
    def asked_before(self) -> AskedBefore | None:
        """How often the same was asked in vain; in other words only where nothing answers.

        None where an exchange, or what was said later, surely answers.
        """
        if self.relevance is Relevance.NONE:
            return self.asked_alike
        if self.asked is None or (self.relevance is Relevance.STRONG and self._was_answered):
            return None
        return self.asked

    @property
    def _was_answered(self) -> bool:
        """Whether what was asked in vain was answered elsewhere, or later, by a likely hit."""
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
    """Memories that answer, best first."""

    relevance: Relevance = field(metadata=doc(_RELEVANCE))
    results: tuple[Hit, ...] = field(
        metadata=doc("Best first: the closest there is, whether it answers or not.")
    )
    degraded: tuple[Degradation, ...] = field(
        metadata=optional("Parts of the search that were skipped.")
    )
    asked: AskedBefore | None = field(default=None, metadata=optional(_ASKED))
    pending: int | None = field(default=None, metadata=optional(_PENDING))
    fits: bool = field(default=True, metadata=internal("Whether a model is shown the results."))
    read: tuple[Hit, ...] = field(
        default=(), metadata=internal("The results as a model reads them, long messages cut.")
    )


@dataclass(frozen=True, slots=True)
class ContextRequest:
    """A request for context: text for a prompt of at most `context_window` tokens.

    There is no text if what is found is less relevant than `min_relevance`.

    Where `max_results` or `context_window` is None, the configured default applies; where `rerank`
    is None, hits are reranked if a reranker is configured. There is a summary only if `summarize`
    is True, since it takes time and space from the memories themselves. `spaces` are as
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
    """A memory that stands in the text, which holds its content."""

    memory_id: UUID = field(metadata=doc("Stays the same for ever."))
    session_id: str = field(metadata=doc("The conversation it belongs to."))
    role: Role = field(metadata=doc("Who spoke."))
    name: str | None = field(metadata=optional("The speaker's name, when known."))
    created_at: datetime = field(metadata=doc("When it was said, UTC, to the second."))
    space: str | None = field(
        default=None,
        kw_only=True,
        metadata=optional("The space it is in; only where several were searched."),
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
    """Remembered text, ready for a prompt."""

    context: str = field(metadata=doc("Text for a prompt, at most as long as the context window."))
    relevance: Relevance = field(metadata=doc(_RELEVANCE))
    memories: tuple[ListedMemory, ...] = field(
        metadata=doc("The best hits in the text, in its order.")
    )
    tokens: int = field(metadata=doc("How many tokens the text takes at most."))
    degraded: tuple[Degradation, ...] = field(
        metadata=optional("Parts of the search that were skipped.")
    )
    asked: AskedBefore | None = field(default=None, metadata=optional(_ASKED))
    pending: int | None = field(default=None, metadata=optional(_PENDING))
