"""Select the statements in another language that are recalled for a question."""

from __future__ import annotations

import math
from collections import Counter
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from sage.retrieval.query.entity_types import type_match
from sage.retrieval.recall.subjects import terms_of, words_in
from sage.retrieval.recall.tasks import asks_for, sets_task
from sage.retrieval.recall.value_updates import (
    names_other_value,
    share_values,
    states_change,
    words_beside_values,
)

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from uuid import UUID

    from sage.domain.searching import Hit

_NEAR = 0.3
_LESS_NEAR = 0.15
"""How much less close a recalled statement may be than the closest in the same language."""
_OF_KIND = 0.2
"""The weight of naming a thing of a kind that the question needs."""
_SHARED = 0.1
"""The weight of a word that is written alike in both languages: mostly a name."""
_MAX_HITS = 2
_AS_NEAR = 0.03
_ABOUT_AS_NEAR = 0.05
_TOO_MANY = 3
"""If this many are about as close as the closest, none stands out."""
_SAME = 0.6
"""The share of a statement's words, by weight, that a replacement must contain."""


@dataclass(frozen=True, slots=True)
class OtherLanguageStatements:
    """User statements in another language, each with its closeness to a question.

    `own` is the closeness of the closest statement in the language of the question, 0 without one.
    """

    hits: Sequence[Hit] = ()
    nearness: Mapping[UUID, float] = field(default_factory=dict)
    own: float = 0.0


NO_OTHER_LANGUAGE = OtherLanguageStatements()


def nearest_in_other_language(
    question: str, others: OtherLanguageStatements, subject: frozenset[str] = frozenset()
) -> list[Hit]:
    """Return the statement closest to a question, if it stands out.

    Vectors compare poorly across languages. A statement that certainly answers is hardly farther
    than anything in the language of the question, and few are as close.
    """
    informative = [
        one for one in others.hits if not (sets_task(one.content) or asks_for(one.content))
    ]
    nearest = max((others.nearness[one.memory_id] for one in informative), default=-1.0)
    if nearest < others.own - _LESS_NEAR:
        return []
    wanted = words_in((question,))
    near = {
        one.memory_id: others.nearness[one.memory_id]
        + _OF_KIND * type_match(question, one.content, subject)
        + _SHARED * len(wanted & terms_of(one))
        for one in informative
    }
    best = sorted(informative, key=lambda one: near[one.memory_id], reverse=True)
    most = near[best[0].memory_id]
    beside = sum(value >= most - _ABOUT_AS_NEAR for value in near.values())
    if most < _NEAR or beside >= _TOO_MANY:
        return []
    return [one for one in best[:_MAX_HITS] if near[one.memory_id] >= most - _AS_NEAR]


def with_updates(prompt: str, hits: Sequence[Hit], others: OtherLanguageStatements) -> list[Hit]:
    """Return hits with later statements in place of those they replace in another language.

    Hits that contain what the prompt itself names stay.
    """
    words = {one.memory_id: words_beside_values(one.content) for one in others.hits}
    held = Counter(word for some in words.values() for word in some)

    def weight(some: set[str]) -> float:
        return sum(math.log((1 + len(words)) / held[word]) for word in some)

    def updated(hit: Hit) -> Hit:
        words_before = words.get(hit.memory_id)
        if words_before is None or share_values(prompt, hit.content):
            return hit
        later = (
            one
            for one in others.hits
            if one.created_at > hit.created_at
            and states_change(one.content)
            and names_other_value(one.content, hit.content)
            and weight(words_before & words[one.memory_id]) >= _SAME * weight(words_before)
        )
        return max(later, key=lambda one: one.created_at, default=hit)

    return [updated(hit) for hit in hits]
