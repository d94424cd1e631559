"""Reranking over HTTP: POST /rerank of SiliconFlow."""

from __future__ import annotations

import math
from functools import partial
from typing import TYPE_CHECKING

from sage.phrases import phrase
from sage.providers.remote.faults import MalformedResponseError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sage.providers.remote.client import ApiClient

_MAX_TEXT_CHARS = 2000
_QWEN3_INSTRUCTION = (
    "Given a question, judge whether the message of an earlier conversation answers it"
)


class RemoteReranker:
    """Reranks with one model of one provider."""

    def __init__(self, client: ApiClient, name: str) -> None:
        self._client = client
        self._name = name
        qwen3 = "qwen3" in name.lower()  # other models reject an instruction
        self._parameters = {"model": name} | ({"instruction": _QWEN3_INSTRUCTION} if qwen3 else {})

    @property
    def name(self) -> str:
        """The model's name at its provider."""
        return self._name

    @property
    def last_error(self) -> str:
        """The last failure's message, empty after a success."""
        return self._client.last_error

    async def score(self, question: str, texts: Sequence[str]) -> tuple[float, ...]:
        """Score how well each text answers; of a long text the first 2,000 characters count.

        Raises ProviderUnavailableError, ProviderRejectedError.
        """
        if not texts:
            return ()
        return await self._client.post(
            "/rerank",
            {
                **self._parameters,
                "query": question[:_MAX_TEXT_CHARS],
                "documents": [text[:_MAX_TEXT_CHARS] for text in texts],
                "top_n": len(texts),
                "return_documents": False,
            },
            partial(_parse_scores, count=len(texts)),
            deadline_s=self._client.timings.rerank_deadline_s,
        )

    async def close(self) -> None:
        """Close the connections."""
        await self._client.close()


def _parse_scores(document: object, count: int) -> tuple[float, ...]:
    match document:
        case {"results": [*results]} if len(results) == count:
            pass
        case _:
            raise MalformedResponseError(
                phrase("{name} did not score each of {count} texts", count=count)
            )
    scores = [math.nan] * count
    for result in results:
        match result:
            case {"index": int(index), "relevance_score": int(score) | float(score)} if (
                0 <= index < count
            ):
                scores[index] = _finite(score)
            case _:
                raise MalformedResponseError("{name} scored a text that was not sent")
    if not all(map(math.isfinite, scores)):
        raise MalformedResponseError("{name} sent no finite score for a text")
    return tuple(scores)


def _finite(score: float) -> float:
    """Convert a JSON number, which may exceed the range of a float."""
    try:
        return float(score)
    except OverflowError:
        return math.inf
