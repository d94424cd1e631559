"""Fill a database with made-up memories, vectors and all, without asking a model for each.

The vector of a memory is the mean of those of its words, moved as the model's own vectors of a few
hundred memories are away from such means: near to what the model would make of it, at a thousandth
of the time. An index finds them about as hard to search as vectors of the model, a little harder.
"""

from __future__ import annotations

import time
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING
from zlib import crc32

import numpy as np

from benchmarks import corpus
from benchmarks.statements import settle
from sage.cli.benchmark.sandbox import dsn_of
from sage.domain.ids import new_memory_id
from sage.domain.memories import DEFAULT_SPACE, Memory
from sage.domain.transfer import TransferredMemory
from sage.retrieval.preferences.keys import lexemes_of
from sage.service.arriving import store_arrivals
from sage.store.connections.pool import open_database
from sage.store.memories import NewMemory
from sage.store.transfer import ArrivingMemory
from sage.store.vector_indexes import build_vector_indexes
from sage.store.vectors import VectorRow, register_model, store_vectors

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from datetime import datetime

    from sage.config.settings import Settings
    from sage.domain.embedding import Embedder, EmbeddingModel, Vectors
    from sage.store.connections.pool import Database

_TEXTS_PER_CALL = 32
_SHARE_OF_EACH = 0.7
"""Of two deviations added up: the sum is as long as one, and hardly two memories have the same."""
_AT_ONCE = 500
_FILL_TIMEOUT_S = 900.0
_PHRASES = 20
_PARTS = 10


def _part_of(number: int) -> dict[str, object]:
    return {"part": number % _PARTS}


@dataclass(frozen=True, slots=True)
class Kind:
    """What is odd about memories: how many vectors each has, which of them say but a phrase.

    By their numbers: when each was said, and its metadata.
    """

    chunks: int = 1
    phrase_every: int = 0
    told_at: Callable[[int], datetime] = corpus.told_at
    about: Callable[[int], dict[str, object]] = _part_of


PLAIN = Kind()


class SyntheticEmbedder:
    """Makes vectors out of those of words."""

    def __init__(self, words: dict[str, Vectors], sample: dict[str, Vectors]) -> None:
        self._words = words
        self._deviations = {
            script: self._centred([one for one in sample if one.isascii() is script], sample)
            for script in {text.isascii() for text in sample}
        }

    @classmethod
    async def of(cls, embedder: Embedder, sample: int = 60) -> SyntheticEmbedder:
        """Ask an embedder for the vectors of words and of `sample` memories. Raises ProviderError.

        Vectors made of few resemble each other more than those of the model do.
        """
        texts = [corpus.memory(number).content for number in range(sample)]
        return cls(await _embedded(embedder, corpus.words()), await _embedded(embedder, texts))

    def vectors_of(self, texts: Sequence[str]) -> Vectors:
        """Mix the vectors of the words each text holds: shape (len(texts), dimensions).

        The same text has the same vector.
        """
        mixed = np.stack([self._mixed(text) + self._deviation(text) for text in texts])
        unit: Vectors = mixed / np.linalg.norm(mixed, axis=1, keepdims=True)
        return unit.astype(np.float32)

    def _mixed(self, text: str) -> Vectors:
        vectors = [vector for word, vector in self._words.items() if word in text]
        mixed: Vectors = np.sum(vectors, axis=0)
        return mixed / np.linalg.norm(mixed)

    def _centred(
        self, texts: Sequence[str], vectors: dict[str, Vectors]
    ) -> tuple[Vectors, Vectors]:
        """Return the mean difference of texts and their words, and how far each is from it."""
        deviations = np.stack([vectors[text] - self._mixed(text) for text in texts])
        mean: Vectors = deviations.mean(axis=0)
        return mean, deviations - mean

    def _deviation(self, text: str) -> Vectors:
        """Draw how far the model's vector of such a text is from the mean of its words."""
        mean, deviations = self._deviations[text.isascii()]
        random = np.random.default_rng(crc32(text.encode()))
        one, other = deviations[random.integers(len(deviations), size=2)]
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
    synthetic: SyntheticEmbedder,
    *,
    first: int,
    last: int,
    progress: Callable[[int], None],
    kind: Kind = PLAIN,
) -> None:
    """Keep the memories `first` to `last - 1` of the corpus with their vectors. Raises StoreError.

    They are copied in as `sage import` does it. `progress` is told how many were kept.
    """
    for begins in range(first, last, _AT_ONCE):
        numbers = range(begins, min(begins + _AT_ONCE, last))
        memories = [_made_up(space_id, number, kind) for number in numbers]
        async with database.transaction_across_spaces() as conn:
            await store_arrivals(conn, memories)
            await store_vectors(conn, model_id, _vector_rows(memories, synthetic, kind.chunks))
        progress(len(memories))


async def fill_and_index(  # noqa: PLR0913 - as of fill
    settings: Settings,
    model: EmbeddingModel,
    synthetic: SyntheticEmbedder,
    *,
    first: int,
    last: int,
    progress: Callable[[int], None],
    kind: Kind = PLAIN,
) -> float:
    """Fill the database of a sandbox as it is after months of use, with an index.

    Return how many memories were kept a second. What was saved before and still waits for a vector
    stays without. Raises StoreError.
    """
    database = await open_database(dsn_of(settings), command_timeout_s=_FILL_TIMEOUT_S)
    try:
        async with database.across_spaces() as conn:
            model_id = await register_model(conn, model)
        began = time.perf_counter()
        await fill(
            database,
            DEFAULT_SPACE,
            model_id,
            synthetic,
            first=first,
            last=last,
            progress=progress,
            kind=kind,
        )
        per_s = round((last - first) / (time.perf_counter() - began), 1)
    finally:
        await database.close()
    await index_all(settings, model)
    return per_s


async def index_all(settings: Settings, model: EmbeddingModel) -> None:
    """Build the indexes of large spaces in the database of a sandbox, as after months of use.

    What still waits for a vector stays without. Raises StoreError.
    """
    database = await open_database(dsn_of(settings), command_timeout_s=_FILL_TIMEOUT_S)
    try:
        async with database.across_spaces() as conn:
            model_id = await register_model(conn, model)
            await settle(conn)
        await build_vector_indexes(database, model_id)
    finally:
        await database.close()


def _made_up(space_id: str, number: int, kind: Kind) -> ArrivingMemory:
    is_phrase = kind.phrase_every and number % kind.phrase_every == 0
    message = corpus.memory(number // kind.phrase_every % _PHRASES if is_phrase else number)
    told_at = kind.told_at(number)
    message = replace(message, created_at=told_at)
    memory = TransferredMemory(
        space_id, new_memory_id(), corpus.session_of(number), message, kind.about(number)
    )
    return ArrivingMemory(memory, told_at, lexemes_of(message.content, None, told_at, message.role))


def _vector_rows(
    memories: Sequence[ArrivingMemory], synthetic: SyntheticEmbedder, chunks: int
) -> list[VectorRow]:
    """Make so many vectors a memory: they lie near each other, as the parts of a long text do."""
    texts = [
        one.memory.message.content + chunk * " " for one in memories for chunk in range(chunks)
    ]
    vectors = iter(synthetic.vectors_of(texts))
    return [
        VectorRow(one.memory.space_id, one.memory.memory_id, chunk, chunk, chunk + 1, next(vectors))
        for one in memories
        for chunk in range(chunks)
    ]


def row_of(number: int) -> NewMemory:
    """Make the row of the memory of that number."""
    message, told_at = corpus.memory(number), corpus.told_at(number)
    memory = Memory(new_memory_id(), "", message.role, None, message.content, told_at)
    return NewMemory(memory, lexemes_of(message.content, None, told_at, message.role))
