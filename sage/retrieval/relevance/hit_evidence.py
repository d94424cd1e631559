"""The raw evidence of an answer's hits and candidates, from which relevance is classified."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from sage.domain.message_class import MessageClass
from sage.retrieval.ranking.evidence import numbers

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from sage.domain.embedding import Vectors
    from sage.retrieval.query.questions import Question
    from sage.retrieval.ranking.cross_language import Languages
    from sage.retrieval.ranking.evidence import Evidence, FloatColumn
    from sage.retrieval.ranking.ranker import Ranked

_ASKING = [one.code for one in MessageClass if one.asks]


@dataclass(frozen=True, slots=True, eq=False)
class HitEvidence:
    """Raw evidence of an answer. Columns have one value per hit, best first.

    `meanings` are the debiased cosines of all candidates, 0 without a vector, and `meaning` those
    of the hits; `question` and `first_hit` are debiased vectors. `own` and `around` say which words
    of the question, in columns, occur in a hit and in its surroundings; of the `rows` read,
    `holders` contain each word. `date` is how close a hit is to a date of the question, `asks`
    whether it ends in a question, `across` whether it is in the other language; `score` are the log
    odds of its ranking score, and `embedded` is whether it has a vector. `dated` and `chinese` are
    about the question.
    """

    meanings: FloatColumn
    meaning: FloatColumn
    question: Vectors
    first_hit: Vectors
    own: NDArray[np.bool_]
    around: NDArray[np.bool_]
    holders: FloatColumn
    rows: int
    date: FloatColumn
    asks: FloatColumn
    across: FloatColumn
    score: FloatColumn
    embedded: NDArray[np.bool_]
    dated: bool
    chinese: bool


def hit_evidence_of(
    evidence: Evidence, question: Question, best: Sequence[Ranked], languages: Languages
) -> HitEvidence | None:
    """Return the evidence of hits; None if nothing was compared by meaning."""
    if evidence.vectors is None or evidence.question is None:
        return None
    if evidence.debiased is None:
        vectors = evidence.vectors[evidence.candidates]
        cosines = languages.debiased_cosines(vectors, evidence.question, question.language)
    else:
        cosines = evidence.debiased.cosines[evidence.candidates]
    only_asks = np.isin(evidence.found.class_code[evidence.candidates], _ASKING)
    if only_asks.any():
        asked = languages.debiased_questions(evidence.vectors[evidence.candidates[only_asks]])
        cosines[only_asks] = asked @ languages.debiased_question(
            evidence.question, question.language
        )
    embedded = ~np.isnan(cosines)
    if not embedded.any():
        return None
    meanings = np.nan_to_num(cosines)
    places = np.array([evidence.position_of[hit.memory_id] for hit in best], dtype=np.intp)
    topic = {term for term in question.topic_terms if not term.startswith("@")}  # no dates
    spoken = [at for at, term in enumerate(question.words.terms) if term in topic]
    ranks = evidence.term_ranks[:, spoken]
    scores = np.clip([hit.score for hit in best], 1e-9, 1 - 1e-9)
    first = evidence.vectors[evidence.candidates[places[:1]]]
    nearest, debiased = languages.debiased(first, evidence.question, question.language)
    if only_asks[places[0]]:
        nearest = languages.debiased_questions(first)
    across = np.zeros(len(best))
    if evidence.other_language is not None:
        across = numbers(evidence.other_language[evidence.candidates][places])
    return HitEvidence(
        meanings=meanings,
        meaning=meanings[places],
        question=debiased,
        first_hit=np.nan_to_num(nearest[0]),
        own=ranks[evidence.candidates][places] > 0,
        around=evidence.around(ranks)[places] > 0,
        holders=(ranks > 0).sum(axis=0).astype(float),
        rows=len(ranks),
        date=np.array([hit.signals["date"] for hit in best]),
        asks=np.array([hit.signals["asks"] for hit in best]),
        across=across,
        score=np.log(scores / (1 - scores)),
        embedded=embedded[places],
        dated=bool(question.dates),
        chinese=bool(question.language),
    )
