"""Judge in stores of few memories, where there is little that a hit could stand out from.

There the best of a handful seems sure to answer as soon as it shares a subject with the question.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from sage.domain.relevance import Relevance
from sage.retrieval.relevance.features import FIRST, answer_features
from sage.retrieval.relevance.judgement import probability
from sage.retrieval.wanted import may_answer

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from uuid import UUID

    from sage.retrieval.relevance.judgement import Judgement
    from sage.retrieval.relevance.seen import Seen

_MOST = 8
"""How many candidates are few."""
_SURE = 0.5
_HARDLY = 0.3


def few_features(
    seen: Seen, features: Mapping[str, float], answered: float, *, is_of_kind: bool
) -> dict[str, float]:
    """Return what tells among few whether one of the first hits answers.

    `features` are those of the answer, `answered` its log odds as among many; `is_of_kind`: one of
    the hits holds a thing of the kind that is asked for.
    """
    nearest = np.sort(seen.meaning)[::-1]
    return {
        "answered": answered,
        "meaning": float(seen.meaning[:FIRST].max()),
        "of_kind": float(is_of_kind),
        "lead": float(nearest[0] - nearest[1]) if len(nearest) > 1 else 0.0,
        "meaning_deviation": features["meaning_deviation"],
        "chinese": features["chinese"],
    }


def shares_words(seen: Seen) -> bool:
    """Return whether the first hits share words with the question, in its language."""
    return bool(seen.own[:FIRST].any() and not seen.across[:FIRST].any())


def is_of_kind(texts: Iterable[str], query: str) -> bool:
    """Return whether one of some texts holds a thing of the kind that a query asks for."""
    return any(may_answer(text, query) for text in texts)


def most_among_few(judgement: Judgement, query: str, contents: Mapping[UUID, str]) -> Relevance:
    """Return how relevant hits can be at most, by their contents, where there are few candidates.

    They are not strong unless they rather answer than not; weak ones are none where they hardly
    do and nothing in them is of the kind that is asked for. Hits that share no words with the
    question are judged as among many.
    """
    case = judgement.case
    if case is None or len(case.seen.meanings) > _MOST or not shares_words(case.seen):
        return Relevance.STRONG
    fitted, seen = case.fitted, case.seen
    first = (hit.memory_id for hit in judgement.hits[:FIRST])
    of_kind = is_of_kind((contents[one] for one in first if one in contents), query)
    features = answer_features(seen, fitted.background)
    of_few = few_features(seen, features, case.answered, is_of_kind=of_kind)
    likely = probability(fitted.few.log_odds(of_few))
    if judgement.relevance is Relevance.WEAK and likely < _HARDLY and not of_kind:
        return Relevance.NONE
    return Relevance.STRONG if likely >= _SURE else Relevance.WEAK
