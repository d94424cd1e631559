"""Turn ranked hits into the answer that is shown.

Probabilities are made to fall in the order of the hits, scores decay with age if that is
configured, thresholds are applied, and questions are left out or shown beside their answers.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING

from sage.domain.relevance import Relevance
from sage.retrieval.query.same_questions import has_premise
from sage.retrieval.relevance.features import FIRST

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from sage.config.settings import SearchSettings
    from sage.domain.searching import Filters, Hit, SearchRequest, SearchResult

_DAY = timedelta(days=1)
_MOMENT = timedelta(microseconds=1)
_FAR_LESS = 0.1
_HITS_A_PREMISE = 5
"""Out of this many hits, one may be a question."""


def non_increasing(hits: Sequence[Hit]) -> tuple[Hit, ...]:
    """Return hits with probabilities of answering that do not increase.

    The order is more reliable than the probabilities, which are fitted one by one. Among the first
    five hits, those that contradict the order get their mean, so that the expected number of
    answers stays the same; a later hit is no likelier than the fifth, whatever the number of hits.
    """
    likely = [hit.probability for hit in hits if hit.probability is not None]
    if len(likely) < len(hits):
        return tuple(hits)
    levels: list[tuple[float, int]] = []
    for probability in likely[:FIRST]:
        mean, count = probability, 1
        while levels and levels[-1][0] < mean:
            before, many = levels.pop()
            mean, count = (before * many + mean * count) / (many + count), many + count
        levels.append((mean, count))
    figures = [mean for mean, count in levels for _ in range(count)]
    for probability in likely[FIRST:]:
        figures.append(min(probability, figures[-1]))
    return tuple(
        replace(hit, probability=figure) for hit, figure in zip(hits, figures, strict=True)
    )


def demoted_last(hits: Sequence[Hit]) -> tuple[Hit, ...]:
    """Return hits, with those marked as not useful for such a question at the end."""
    return tuple(sorted(hits, key=lambda hit: hit.not_useful_at is not None))


def decayed(answer: SearchResult, half_life_days: float, now: datetime, n: int) -> SearchResult:
    """Halve the score of each hit for every half-life of its age, and sort by it.

    Memories dated in the future count as new. Probabilities do not change, since age makes no
    answer wrong. If the likeliest hit is no longer among the first `n`, relevance is weak at most.
    """

    def aged(hit: Hit) -> Hit:
        age_days = max((now - hit.created_at) / _DAY, 0.0)
        return replace(hit, standing=hit.standing * 0.5 ** (age_days / half_life_days))

    hits = sorted(map(aged, answer.hits), key=lambda hit: hit.standing, reverse=True)
    likeliest = max((hit.likelihood for hit in hits), default=0.0)
    is_sure = any(hit.likelihood >= likeliest for hit in hits[:n])
    weaker = not is_sure and answer.relevance is Relevance.STRONG
    relevance = Relevance.WEAK if weaker else answer.relevance
    return replace(answer, hits=tuple(hits), relevance=relevance)


def within_age(filters: Filters, max_age_days: float | None, now: datetime) -> Filters:
    """Return filters that exclude memories older than so many days; a later `after` stays.

    Filters for older times only are reduced to a single moment.
    """
    if max_age_days is None:
        return filters
    oldest = now - max_age_days * _DAY
    after = oldest if filters.after is None else max(filters.after, oldest)
    before = filters.before
    if before is not None and before <= after:
        before = after + _MOMENT
    return replace(filters, after=after, before=before)


def apply_thresholds(
    answer: SearchResult, request: SearchRequest, defaults: SearchSettings
) -> SearchResult:
    """Return at most as many hits as requested, without those below the threshold.

    If the caller requests more relevance than the answer has, all hits are left out. The configured
    minimum relevance leaves out none: it decides whether the answer `fits`, and so whether it is
    shown to a model.
    """
    threshold = request.similarity_threshold
    if threshold is None:
        threshold = defaults.similarity_threshold
    fits = answer.relevance.reaches(request.min_relevance or defaults.min_relevance)
    hits = tuple(hit for hit in answer.hits if hit.likelihood >= threshold)
    if request.min_relevance is not None and not fits:
        hits = ()
    return replace(answer, hits=hits[: request.n], fits=fits)


def without_unlikely(answer: SearchResult, n: int) -> SearchResult:
    """Return an answer without hits that rank only because little else is stored.

    With fewer hits than `n`, every memory is a hit: of an answer that is at least weak, those are
    left out that are far less probable than the best.
    """
    if answer.relevance not in {Relevance.STRONG, Relevance.WEAK} or len(answer.hits) >= n:
        return answer
    least = _FAR_LESS * max((hit.likelihood for hit in answer.hits), default=0.0)
    return replace(answer, hits=tuple(hit for hit in answer.hits if hit.likelihood >= least))


def without_unanswered(answer: SearchResult, query: str) -> SearchResult:
    """Return an answer without unanswered questions, except those that state a premise.

    Otherwise the statement after such a question would seem to answer it.
    """
    unanswered = {
        one.memory_id
        for one in answer.questions
        if one.reply is None and not has_premise(one.content, query)
    }
    return replace(
        answer, hits=tuple(hit for hit in answer.hits if hit.memory_id not in unanswered)
    )


def with_questions(answer: SearchResult, request: SearchRequest) -> SearchResult:
    """Return an answer with questions listed after its hits, some of them among the hits.

    One of every five hits may be a question that has a premise or was answered.
    """
    premises = [
        hit for hit in answer.questions if hit.reply or has_premise(hit.content, request.query)
    ]
    premises = premises[: request.n // _HITS_A_PREMISE]
    others = [hit for hit in answer.questions if hit not in premises]
    hits = (*answer.hits[: request.n - len(premises)], *premises, *others)
    return replace(answer, hits=hits[: request.n])
