"""Let a model that reads question and memory together have a say in the order."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from sage.domain.searching import Degradation, Hit, SearchAnswer
from sage.errors import ProviderError
from sage.retrieval.fusion import standard_scores

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sage.domain.reranking import Reranker

_DEADLINE_S = 3.0


@dataclass(frozen=True, slots=True)
class Reranking:
    """A reranker, how many of the best it is shown, and how long an answer waits for it."""

    reranker: Reranker
    candidates: int
    deadline_s: float = _DEADLINE_S

    async def reordered(self, question: str, answer: SearchAnswer) -> SearchAnswer:
        """Order hits by what the search and the reranker think of them, each weighing the same.

        Both are standardised over the hits shown, and the score is the logistic function of their
        mean; hits not shown stay behind. Without the reranker the hits come back as they are, and
        `degraded` says why.
        """
        shown, rest = answer.hits[: self.candidates], answer.hits[self.candidates :]
        if len(shown) < 2:  # noqa: PLR2004 - one alone has no order
            return answer
        try:
            async with asyncio.timeout(self.deadline_s):
                judged = await self.reranker.relevance(question, [_told(hit) for hit in shown])
        except TimeoutError:
            reason = f"no judgement came within {self.deadline_s:g} s"
        except ProviderError as error:
            reason = error.message
        else:
            return replace(answer, hits=_merged(shown, judged, rest))
        return replace(answer, degraded=(*answer.degraded, Degradation("reranker", reason)))


def _told(hit: Hit) -> str:
    """Write a memory with what is known of it: who said it, and when."""
    memory = hit.memory
    return f"{memory.created_at:%Y-%m-%d} {memory.name or memory.role}: {memory.content}"


def _merged(shown: Sequence[Hit], judged: Sequence[float], rest: Sequence[Hit]) -> tuple[Hit, ...]:
    found = np.array([hit.score for hit in shown])
    odds = np.log(np.clip(found, 1e-6, 1 - 1e-6)) - np.log(1 - np.clip(found, 1e-6, 1 - 1e-6))
    total = (standard_scores(odds) + standard_scores(np.array(judged, dtype=np.float64))) / 2
    scores = 1 / (1 + np.exp(-total))
    merged = [
        replace(
            shown[place],
            score=float(scores[place]),
            signals={**shown[place].signals, "reranker": round(float(judged[place]), 6)},
        )
        for place in np.argsort(-total, kind="stable")
    ]
    lowest = merged[-1].score
    return (*merged, *(replace(hit, score=min(hit.score, lowest)) for hit in rest))
