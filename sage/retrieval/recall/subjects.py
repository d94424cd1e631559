"""The subject of a prompt, derived from its hits, and statements about that subject."""

from __future__ import annotations

import math
from collections import Counter
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Self

import numpy as np

from sage.domain.memories import Role
from sage.retrieval.message_classes.intents import intent_of
from sage.retrieval.query.entity_types import (
    ENTITY_TYPES,
    asked_type_nouns,
    entity_types_in,
    type_match,
)
from sage.retrieval.recall.agent_texts import reports_work
from sage.retrieval.recall.tasks import asks_for, asks_only, sets_task
from sage.retrieval.text.lexemes import query_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from uuid import UUID

    from numpy.typing import NDArray

    from sage.domain.embedding import Vectors
    from sage.domain.searching import Hit
    from sage.retrieval.query.entity_types import EntityType

_FIRST = 12
_SHARE_OF_FIRST = 0.75
"""The share of the first hits with any common word that must contain the words of a subject."""
_SHARE_OF_INFORMATIVE = 0.6
_HALF = 0.5
_ABOUT_AS_MANY = 0.8
_MAX_WORDS = 0.6
_MIN_HITS = 3
_MIN_INFORMATIVE = 2
_MAX_CHARS = 600
_ABOUT_THE_SAME = 0.4
"""The cosine of two statements, relative to the centroid, of which the later may replace the
other."""
_RARE_WORD = 0.035
"""The weight of a word that few of the statements share with the prompt, relative to a cosine."""

_OF_KIND = 0.3
"""The weight of naming a thing of a kind that the prompt needs."""


@dataclass(frozen=True, slots=True)
class Subject:
    """The words by which a prompt names its subject, and user statements about that subject.

    `nearness` is how close in meaning a statement is to the prompt, relative to all statements, and
    `fits` how certainly it names a thing of a kind that the prompt needs; the statements in
    `outdated` may have been replaced by later ones about the same thing.
    """

    terms: frozenset[str] = frozenset()
    statements: Sequence[Hit] = ()
    nearness: Mapping[UUID, float] = field(default_factory=dict)
    outdated: frozenset[UUID] = frozenset()
    fits: Mapping[UUID, float] = field(default_factory=dict)

    @classmethod
    def of(
        cls,
        prompt: str,
        question: Vectors,
        terms: frozenset[str],
        statements: Sequence[Hit],
        vectors: Vectors,
    ) -> Self:
        """Return the subject of a prompt, given statements and their vectors."""
        fits = {hit.memory_id: type_match(prompt, hit.content, terms) for hit in statements}
        near = nearness_of(prompt, question, statements, vectors)
        near = {one: value + _OF_KIND * fits[one] for one, value in near.items()}
        return cls(terms, statements, near, outdated_in(question, statements, vectors, terms), fits)

    def names(self, hit: Hit) -> bool:
        """Return whether a hit, or its answer, has half of the words of the subject.

        A subject of a single word excludes nothing, since that word may belong to any subject.
        """
        held = len(self.terms & terms_of(hit))
        return len(self.terms) == 1 or held >= _HALF * len(self.terms)

    def near(self, hit: Hit) -> float:
        """Return how close a statement is to the prompt; higher is closer."""
        return self.nearness[hit.memory_id]

    def rank(self, hit: Hit) -> tuple[bool, float]:
        """Return the sort key of a statement: lower comes first."""
        return hit.memory_id in self.outdated, -self.near(hit)


NO_SUBJECT = Subject()


def subject_terms(prompt: str, hits: Sequence[Hit]) -> frozenset[str]:
    """Return the words of a prompt that most of the first hits contain: its subject.

    Questions and answers to them do not count: they may share only the wording of the question. If
    tasks share the action with the prompt, the other hits count, and half of the first ones
    suffice; but not for a question, with which they share its wording. The word for the kind of
    thing asked for names no subject: there are many ports.
    """
    wanted = words_in((prompt,))
    held = [
        (terms, _is_informative(hit))
        for hit in hits
        if hit.reply is None
        and not (hit.role is Role.USER and (intent_of(hit.content) or asks_only(hit.content)))
        and (terms := terms_of(hit) & wanted)
    ]
    first = [terms for terms, _ in held[:_FIRST]]
    informative = [terms for terms, is_informative in held if is_informative]
    named = (
        _in_most(first, _SHARE_OF_FIRST, _MIN_HITS)
        or (not asks_for(prompt) and _in_most(informative, _SHARE_OF_INFORMATIVE, _MIN_INFORMATIVE))
        or _in_most(first, _HALF, _MIN_HITS)
    )
    return named if named & words_about(prompt) else frozenset()


def words_about(prompt: str) -> set[str]:
    """Return the words of a prompt except those for the kind of thing that it asks for.

    If there are no others, these are returned.
    """
    wanted = words_in((prompt,))
    return wanted - asked_type_nouns(prompt) or wanted


def _is_informative(hit: Hit) -> bool:
    return not (sets_task(hit.content) or reports_work(hit.role, hit.content))


def _in_most(shared: Sequence[set[str]], share: float, least: int) -> frozenset[str]:
    """Return the words in about as many sets as the most common one, if these are enough."""
    held = Counter(term for terms in shared for term in terms)
    most = max(held.values(), default=0)
    if most < max(least, share * len(shared)):
        return frozenset()
    return frozenset(term for term, count in held.items() if count >= _ABOUT_AS_MANY * most)


def nearness_of(
    prompt: str, question: Vectors, statements: Sequence[Hit], vectors: Vectors
) -> dict[UUID, float]:
    """Return how close each statement on a subject is to a prompt about it, by id.

    All are close, since all name the subject: they differ in their direction from the centroid, and
    in the words that few of them share with the prompt. A statement without a vector counts as
    close as the centroid.
    """
    if not statements:
        return {}
    wanted = words_in((prompt,))
    shared = [terms_of(hit) & wanted for hit in statements]
    held = Counter(term for terms in shared for term in terms)
    middle, directions = _seen_from_middle(vectors, question)
    cosines = directions @ (question - middle)
    rarity = [sum(math.log((1 + len(shared)) / held[term]) for term in terms) for terms in shared]
    return {
        hit.memory_id: float(cosine) + _RARE_WORD * rare
        for hit, cosine, rare in zip(statements, cosines, rarity, strict=True)
    }


def outdated_in(
    question: Vectors,
    statements: Sequence[Hit],
    vectors: Vectors,
    subject: frozenset[str] = frozenset(),
) -> frozenset[UUID]:
    """Return the ids of statements on one subject that a later one may have replaced.

    The later one has nearly the same direction from the centroid, and both mention the same kind of
    things, or one of them none. It may be about another thing, so it does not hide the older.
    """
    _, directions = _seen_from_middle(vectors, question)
    alike = directions @ directions.T >= _ABOUT_THE_SAME
    said_at = np.array([hit.created_at.timestamp() for hit in statements])
    alike &= _may_be_of_one_kind([entity_types_in(hit.content, subject) for hit in statements])
    later = (alike & (said_at[np.newaxis, :] > said_at[:, np.newaxis])).any(axis=1)
    return frozenset(statements[place].memory_id for place in np.flatnonzero(later).tolist())


def _may_be_of_one_kind(spoken: Sequence[frozenset[EntityType]]) -> NDArray[np.bool_]:
    """Return which pairs of texts share a kind of things, or have one that mentions none."""
    speaks = np.zeros((len(spoken), len(ENTITY_TYPES)), dtype=bool)
    for place, some in enumerate(spoken):
        speaks[place] = [kind in some for kind in ENTITY_TYPES]
    silent = speaks.sum(axis=1) == 0
    shared: NDArray[np.bool_] = speaks @ speaks.T | silent | silent[:, np.newaxis]
    return shared


def _seen_from_middle(vectors: Vectors, question: Vectors) -> tuple[Vectors, Vectors]:
    """Return the centroid of vectors, and the direction of each from it; 0 if it is unknown.

    Without any known vector the question is the centroid.
    """
    known = vectors[~np.isnan(vectors).any(axis=1)]
    middle: Vectors = known.mean(axis=0) if len(known) else question
    apart = np.nan_to_num(vectors - middle)
    lengths = np.linalg.norm(apart, axis=1, keepdims=True)
    directions: Vectors = apart / np.where(lengths, lengths, 1)
    return middle, directions


def on_subject(terms: frozenset[str], statements: Sequence[Hit]) -> list[Hit]:
    """Return the statements that contain about as many words of a subject as the best of them."""
    held = [len(terms & terms_of(hit)) for hit in statements]
    least = max(1.0, _MAX_WORDS * max(held, default=0))
    return [hit for hit, count in zip(statements, held, strict=True) if count >= least]


def terms_of(hit: Hit) -> set[str]:
    """Return the words of a hit, its answer, and its correction."""
    later = (one.content for one in (hit.reply, hit.correction) if one is not None)
    return words_in((hit.content, *later))


def words_in(texts: Iterable[str]) -> set[str]:
    """Return the content words at the beginnings of texts."""
    terms = {term for text in texts for term in query_of(text[:_MAX_CHARS]).terms}
    return {term for term in terms if not term.startswith("@")}
