"""Leave out of an answer what fits less than was asked for."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from sage.config.settings import SearchSettings
    from sage.domain.searching import Found, SearchRequest


def fitting(answer: Found, request: SearchRequest, defaults: SearchSettings) -> Found:
    """Return at most as many hits as asked for, those less probable than the threshold left out.

    All are where a caller asks for more relevance. The configured least relevance leaves out none:
    it says whether the answer `fits`, and so is shown to a model.
    """
    threshold = request.similarity_threshold
    if threshold is None:
        threshold = defaults.similarity_threshold
    fits = answer.relevance.reaches(request.min_relevance or defaults.min_relevance)
    hits = tuple(hit for hit in answer.hits if hit.likelihood >= threshold)
    if request.min_relevance is not None and not fits:
        hits = ()
    return replace(answer, hits=hits[: request.n], fits=fits)
