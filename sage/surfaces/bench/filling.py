"""Fill a database with made-up memories, vectors and all, without asking a model for each.

The vector of a memory is the mean of those of its words, blurred a little: near to what the model
would make of it, at a thousandth of the time.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from sage.surfaces.bench import corpus

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sage.domain.embedding import Embedder, EmbeddingModel, Vectors

_BLUR = 0.35
_WORDS_PER_CALL = 32


class WordwiseEmbedder:
    """Stands in for an embedder when vectors are needed by the hundred thousand."""

    trouble = ""

    def __init__(self, embedder: Embedder) -> None:
        self._embedder = embedder
        self._known: dict[str, Vectors] = {}
        self._random = np.random.default_rng(17)

    @property
    def model(self) -> EmbeddingModel:
        """The space of the embedder it stands in for."""
        return self._embedder.model

    @property
    def max_chars(self) -> int:
        """The window of the embedder it stands in for."""
        return self._embedder.max_chars

    @property
    def ready(self) -> bool:
        """Whether the words have their vectors."""
        return bool(self._known)

    async def start(self) -> None:
        """Ask for the vectors of all words, once. Raises ProviderError."""
        words = [word for word in corpus.words() if word not in self._known]
        for begins in range(0, len(words), _WORDS_PER_CALL):
            part = words[begins : begins + _WORDS_PER_CALL]
            vectors = await self._embedder.embed_passages(part)
            self._known.update(zip(part, vectors, strict=True))

    async def embed_query(self, text: str) -> Vectors:
        """Let the real embedder embed a question. Raises ProviderError."""
        return await self._embedder.embed_query(text)

    async def embed_passages(self, texts: Sequence[str]) -> Vectors:
        """Mix the vectors of the words each text holds."""
        mixed = np.stack([self._mixed(text) for text in texts])
        noise = self._random.standard_normal(mixed.shape) / np.sqrt(mixed.shape[1])
        blurred = mixed / np.linalg.norm(mixed, axis=1, keepdims=True) + _BLUR * noise
        unit: Vectors = blurred / np.linalg.norm(blurred, axis=1, keepdims=True)
        return unit.astype(np.float32)

    async def close(self) -> None:
        """Leave the real embedder to whoever opened it."""

    def _mixed(self, text: str) -> Vectors:
        vectors = [vector for word, vector in self._known.items() if word in text]
        mixed: Vectors = np.sum(vectors, axis=0)
        return mixed
