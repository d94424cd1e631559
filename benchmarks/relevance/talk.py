"""The background: the distribution of vectors of ordinary messages."""

from __future__ import annotations

import asyncio
import base64
from typing import TYPE_CHECKING, Any

import numpy as np

from benchmarks.relevance.questions import speaks_chinese
from sage.providers.local import MODEL, LocalEmbedder
from sage.retrieval.ranking.cross_language import languages_of
from sage.retrieval.relevance.background import Background

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sage.cli.benchmark.conversations import KnownConversation
    from sage.domain.embedding import Vectors

_DIRECTIONS = 16
_TEXTS_PER_CALL = 32
_known: dict[str, Vectors] = {}
"""The language-corrected vectors of the messages of each conversation."""


def background_of(talks: Sequence[KnownConversation]) -> Background:
    """Return the background of conversations in two languages; embed new ones."""
    asyncio.run(_embed([talk for talk in talks if talk.name not in _known]))
    english, chinese = (
        np.concatenate([_known[talk.name] for talk in talks if speaks_chinese(talk) is language])
        for language in (False, True)
    )
    return described(english, chinese)


def described(english: Vectors, chinese: Vectors) -> Background:
    """Return the background of language-corrected vectors, rounded as it is stored."""
    both = (_described(english), _described(chinese))
    exact = Background(
        np.stack([mean for mean, _, _ in both]),
        np.stack([spread for _, spread, _ in both]),
        np.array([rest for _, _, rest in both]),
    )
    return Background.read(**as_stored(exact), dimensions=english.shape[1])


def as_stored(background: Background) -> dict[str, Any]:
    """Return a background in the form that `Background.read` accepts."""
    return {
        "means": _encoded(background.means),
        "spreads": _encoded(background.spreads),
        "rest": background.rest.tolist(),
    }


def _described(vectors: Vectors) -> tuple[Vectors, Vectors, float]:
    """Return the mean, the directions of largest variance, and the deviation in all others."""
    mean = vectors.mean(axis=0)
    _, lengths, directions = np.linalg.svd(vectors - mean, full_matrices=False)
    variances = lengths**2 / len(vectors)
    rest = variances[_DIRECTIONS:].sum() / (vectors.shape[1] - _DIRECTIONS)
    beyond = np.sqrt(variances[:_DIRECTIONS] - rest)
    return mean, directions[:_DIRECTIONS] * beyond[:, np.newaxis], round(float(np.sqrt(rest)), 5)


async def _embed(talks: Sequence[KnownConversation]) -> None:
    languages = languages_of(MODEL)
    if languages is None or not talks:
        return
    embedder = LocalEmbedder()
    await embedder.start()
    try:
        for talk in talks:
            texts = [turn.message.content for turns in talk.sessions for turn in turns]
            parts = [
                await embedder.embed_passages(texts[begin : begin + _TEXTS_PER_CALL])
                for begin in range(0, len(texts), _TEXTS_PER_CALL)
            ]
            vectors = np.concatenate(parts)
            told, _ = languages.debiased(vectors, vectors[0], int(speaks_chinese(talk)))
            _known[talk.name] = told
    finally:
        await embedder.close()


def _encoded(numbers: Vectors) -> str:
    return base64.b64encode(numbers.astype("<f2").tobytes()).decode()
