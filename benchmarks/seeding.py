"""Fill a database with generated memories and synthetic vectors.

The vector of a memory is the mean of those of its words, plus a deviation drawn from those of a few
hundred memories embedded by the model. It is close to the model's own vector, at a thousandth of
the time, and slightly harder to index.
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
"""Weight of two random deviations: their sum is about as long as one, and rarely the same."""
_AT_ONCE = 500
_FILL_TIMEOUT_S = 900.0
_PHRASES = 20
_PARTS = 10


def _part_of(number: int) -> dict[str, object]:
    return {"part": number % _PARTS}


@dataclass(frozen=True, slots=True)
class Kind:
    """The properties of generated memories: vectors of each, and how often one is a phrase.

    `time_of` and `about` return the time and the metadata of the memory with a given number.
    """

    chunks: int = 1
    phrase_every: int = 0
    time_of: Callable[[int], datetime] = corpus.time_of
    about: Callable[[int], dict[str, object]] = _part_of


PLAIN = Kind()


class SyntheticEmbedder:
    """An embedder that mixes vectors of texts from those of their words."""

    def __init__(self, words: dict[str, Vectors], sample: dict[str, Vectors]) -> None:
        self._words = words
        self._deviations = {
            script: self._centred([one for one in sample if one.isascii() is script], sample)
            for script in {text.isascii() for text in sample}
        }

    @classmethod
    async def of(cls, embedder: Embedder, sample: int = 60) -> SyntheticEmbedder:
        """Return one based on the model's vectors of words and of `sample` memories.

        The vectors of a small sample are more similar to each other than the model's. Raises
        ProviderError.
        """
        texts = [corpus.memory(number).content for number in range(sample)]
        return cls(await _embedded(embedder, corpus.words()), await _embedded(embedder, texts))

    def vectors_of(self, texts: Sequence[str]) -> Vectors:
        """Return a vector for each text: shape (len(texts), dimensions).

        The same text always has the same vector.
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
        """Return the mean deviation of texts from their words, and that of each from this mean."""
        deviations = np.stack([vectors[text] - self._mixed(text) for text in texts])
        mean: Vectors = deviations.mean(axis=0)
        return mean, deviations - mean

    def _deviation(self, text: str) -> Vectors:
        """Return a random deviation of a text from the mean of its words."""
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
    """Store the memories `first` to `last - 1` of the corpus with their vectors. Raises StoreError.

    They are stored with COPY, as by `sage import`. `progress` is called with the number of memories
    stored.
    """
    for begins in range(first, last, _AT_ONCE):
        numbers = range(begins, min(begins + _AT_ONCE, last))
        memories = [_generated(space_id, number, kind) for number in numbers]
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
    """Fill the database of a sandbox, and build its indexes, as after months of use.

    Return the number of memories stored per second. Memories that were queued for embedding before
    remain without vectors. Raises StoreError.
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

    Memories queued for embedding remain without vectors. Raises StoreError.
    """
    database = await open_database(dsn_of(settings), command_timeout_s=_FILL_TIMEOUT_S)
    try:
        async with database.across_spaces() as conn:
            model_id = await register_model(conn, model)
            await settle(conn)
        await build_vector_indexes(database, model_id)
    finally:
        await database.close()


def _generated(space_id: str, number: int, kind: Kind) -> ArrivingMemory:
    is_phrase = kind.phrase_every and number % kind.phrase_every == 0
    message = corpus.memory(number // kind.phrase_every % _PHRASES if is_phrase else number)
    created_at = kind.time_of(number)
    message = replace(message, created_at=created_at)
    memory = TransferredMemory(
        space_id, new_memory_id(), corpus.session_of(number), message, kind.about(number)
    )
    lexemes = lexemes_of(message.content, None, created_at, message.role)
    return ArrivingMemory(memory, created_at, lexemes)


def _vector_rows(
    memories: Sequence[ArrivingMemory], synthetic: SyntheticEmbedder, chunks: int
) -> list[VectorRow]:
    """Return `chunks` vectors per memory, close to each other, like the chunks of a long text."""
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
    """Return the row of the memory with this number."""
    message, created_at = corpus.memory(number), corpus.time_of(number)
    memory = Memory(new_memory_id(), "", message.role, None, message.content, created_at)
    return NewMemory(memory, lexemes_of(message.content, None, created_at, message.role))
