"""Fill a database with made-up memories, vectors and all, without asking a model for each.

The vector of a memory is the mean of those of its words, moved as the model's own vectors of a few
hundred memories are away from such means: near to what the model would make of it, at a thousandth
of the time. An index finds them about as hard to search as vectors of the model, a little harder.
"""

from __future__ import annotations

from itertools import islice
from typing import TYPE_CHECKING

import numpy as np

from sage.domain.identity import new_memory_id
from sage.retrieval.lexemes import tsvector_of
from sage.store.floors import bare_insert, make_session
from sage.store.memories import NewMemory
from sage.store.models import VectorRow, store_vectors
from sage.surfaces.bench import corpus

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from sage.domain.embedding import Embedder, Vectors
    from sage.store.pool import Database

_TEXTS_PER_CALL = 32
_SAMPLE = 320
_SHARE_OF_EACH = 0.7
"""Of two deviations added up: the sum is as long as one, and no two memories have the same."""
_SESSIONS_AT_ONCE = 25


class Wordwise:
    """Makes vectors out of those of words."""

    def __init__(self, words: dict[str, Vectors], sample: dict[str, Vectors]) -> None:
        self._words = words
        self._random = np.random.default_rng(17)
        deviations = {text: vector - self._mixed(text) for text, vector in sample.items()}
        self._deviations = {
            script: np.stack([one for text, one in deviations.items() if text.isascii() is script])
            for script in {text.isascii() for text in sample}
        }

    @classmethod
    async def of(cls, embedder: Embedder) -> Wordwise:
        """Ask an embedder for the vectors of words and of some memories. Raises ProviderError."""
        sample = [corpus.memory(number).content for number in range(_SAMPLE)]
        return cls(await _embedded(embedder, corpus.words()), await _embedded(embedder, sample))

    def vectors_of(self, texts: Sequence[str]) -> Vectors:
        """Mix the vectors of the words each text holds: shape (len(texts), dimensions)."""
        mixed = np.stack([self._mixed(text) + self._deviation(text) for text in texts])
        unit: Vectors = mixed / np.linalg.norm(mixed, axis=1, keepdims=True)
        return unit.astype(np.float32)

    def _mixed(self, text: str) -> Vectors:
        vectors = [vector for word, vector in self._words.items() if word in text]
        mixed: Vectors = np.sum(vectors, axis=0)
        return mixed / np.linalg.norm(mixed)

    def _deviation(self, text: str) -> Vectors:
        """Draw how far the model's vector of such a text is from the mean of its words."""
        deviations = self._deviations[text.isascii()]
        mean = deviations.mean(axis=0)
        one, other = deviations[self._random.integers(len(deviations), size=2)] - mean
        moved: Vectors = mean + _SHARE_OF_EACH * (one + other)
        return moved


async def _embedded(embedder: Embedder, texts: Sequence[str]) -> dict[str, Vectors]:
    known: dict[str, Vectors] = {}
    for begins in range(0, len(texts), _TEXTS_PER_CALL):
        part = texts[begins : begins + _TEXTS_PER_CALL]
        known.update(zip(part, await embedder.embed_passages(part), strict=True))
    return known


async def fill(  # noqa: PLR0913 - where, with what, from where to where
    database: Database,
    space_id: str,
    model_id: int,
    wordwise: Wordwise,
    *,
    first: int,
    last: int,
    progress: Callable[[int], None],
) -> None:
    """Keep the memories `first` to `last - 1` of the corpus with their vectors. Raises StoreError.

    `progress` is told how many were kept.
    """
    sessions = corpus.sessions(first, last)
    number = first
    while some := list(islice(sessions, _SESSIONS_AT_ONCE)):
        rows: list[NewMemory] = []
        async with database.transaction() as conn:
            for session_id, turns in some:
                kept = [row_of(number + place) for place in range(len(turns))]
                number += len(turns)
                await make_session(conn, space_id, session_id)
                await bare_insert(conn, space_id, session_id, kept)
                rows += kept
            vectors = wordwise.vectors_of([row.content for row in rows])
            await store_vectors(
                conn,
                model_id,
                [
                    VectorRow(space_id, row.memory_id, 0, 0, len(row.content), vector)
                    for row, vector in zip(rows, vectors, strict=True)
                ],
            )
        progress(len(rows))


def row_of(number: int) -> NewMemory:
    """Make the row of the memory of that number."""
    message, told_at = corpus.memory(number), corpus.told_at(number)
    return NewMemory(
        memory_id=new_memory_id(),
        role=message.role,
        name=None,
        content=message.content,
        created_at=told_at,
        lexemes=tsvector_of(message.content, None, told_at),
    )
