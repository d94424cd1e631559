"""Reorder the best hits by a model that reads question and memory together."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from typing import TYPE_CHECKING

from sage.domain.searching import Degradation
from sage.domain.skipped_parts import RERANKER
from sage.errors import ProviderError
from sage.phrases import phrase
from sage.retrieval.ranking.reranking import merge_reranker_scores, text_to_rerank
from sage.telemetry.metrics.catalog import SEARCH_STAGE

if TYPE_CHECKING:
    from sage.domain.reranking import Reranker
    from sage.domain.searching import SearchResult

_DEADLINE_S = 3.0


@SEARCH_STAGE.time("rerank")
async def rerank(
    reranker: Reranker,
    question: str,
    answer: SearchResult,
    candidates: int,
    *,
    deadline_s: float = _DEADLINE_S,
) -> SearchResult:
    """Rerank the best `candidates` hits and merge the scores into the order.

    Without the reranker, or after `deadline_s` seconds, the hits are returned as they are, and
    `degraded` gives the reason.
    """
    shown = answer.hits[:candidates]
    if len(shown) < 2:  # noqa: PLR2004 - one alone has no order
        return answer
    try:
        async with asyncio.timeout(deadline_s):
            relevance = await reranker.score(question, [text_to_rerank(hit) for hit in shown])
    except TimeoutError:
        reason = phrase("no scores within {seconds} s", seconds=f"{deadline_s:g}")
    except ProviderError as error:
        reason = error.message
    else:
        return replace(answer, hits=merge_reranker_scores(answer.hits, relevance))
    return replace(answer, degraded=(*answer.degraded, Degradation(RERANKER, reason)))
