"""Checks whether a server still produces the stored vectors, before its new ones are used.

An OpenAI-compatible server may change the model behind a name and length from one day to the next,
or be a different server. Embedding a stored text again shows it.
"""

from __future__ import annotations

import asyncio
import time
from typing import TYPE_CHECKING

import numpy as np

from sage.errors import ProviderRejectedError, ProviderUnavailableError, StoreError
from sage.phrases import phrase
from sage.providers.delegating import DelegatingEmbedder
from sage.store.vectors import find_canary

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sage.domain.embedding import Embedder, EmbeddingModel, Vectors
    from sage.store.connections.pool import Database

_MIN_LIKENESS = 0.8
"""Other hardware or precision hardly changes a vector; one of another model is not similar."""

_AGAIN_S = 30.0

OTHER_VECTORS_HINT = (
    "set EMBEDDING_BASE_URL and EMBEDDING_MODEL to the server and model that made "
    "them; or switch to another model and back, first with `sage reembed --provider "
    "local --drop-old`"
)


def other_vectors(model: EmbeddingModel) -> str:
    """Return the message that a model's vectors differ from the stored ones."""
    return phrase(
        "{name} now returns different vectors than those stored under its name", name=model.name
    )


async def makes_other_vectors(database: Database, embedder: Embedder, model_id: int) -> bool:
    """Return whether an embedder makes a vector that differs from the stored one of a text.

    Checked for OpenAI-compatible servers only; False if nothing can be compared. Raises
    ProviderUnavailableError, StoreError.
    """
    if not embedder.may_change:
        return False
    async with database.across_spaces() as conn:
        canary = await find_canary(conn, model_id, embedder.max_chars)
    if canary is None:
        return False
    try:
        (made,) = await embedder.embed_passages([canary.content])
    except ProviderRejectedError:
        return False
    return float(made @ canary.vector) < _MIN_LIKENESS * float(np.linalg.norm(canary.vector))


def compared(database: Database, embedder: Embedder, model_id: int) -> Embedder:
    """Return an embedder whose vectors are first compared with stored ones, if necessary."""
    if not embedder.may_change:
        return embedder
    return ComparedEmbedder(database, embedder, model_id)


class ComparedEmbedder(DelegatingEmbedder):
    """An embedder that allows no call until its vectors have been compared with stored ones."""

    def __init__(self, database: Database, behind: Embedder, model_id: int) -> None:
        super().__init__(behind)
        self._database = database
        self._model_id = model_id
        self._one_by_one = asyncio.Lock()
        self._alike: bool | None = None
        self._look_again_at = 0.0

    @property
    def ready(self) -> bool:
        """Whether the wrapped embedder is ready, and not known to make different vectors."""
        return self._alike is not False and self.wrapped.ready

    @property
    def last_error(self) -> str:
        """Why the wrapped embedder is unavailable, or that its vectors differ."""
        return other_vectors(self.model) if self._alike is False else self.wrapped.last_error

    async def embed_query(self, text: str) -> Vectors:
        """Embed a question with the wrapped embedder. Raises ProviderError."""
        await self._compare()
        return await self.wrapped.embed_query(text)

    async def embed_passages(self, texts: Sequence[str]) -> Vectors:
        """Embed texts with the wrapped embedder. Raises ProviderError."""
        await self._compare()
        return await self.wrapped.embed_passages(texts)

    async def _compare(self) -> None:
        if self._alike:
            return
        async with self._one_by_one:
            if self._alike is None or time.monotonic() >= self._look_again_at:
                self._alike = await self._makes_the_same()
                self._look_again_at = time.monotonic() + _AGAIN_S
        if not self._alike:
            raise ProviderUnavailableError(
                other_vectors(self.model), hint=OTHER_VECTORS_HINT, retry_in_s=_AGAIN_S
            )

    async def _makes_the_same(self) -> bool:
        try:
            return not await makes_other_vectors(self._database, self.wrapped, self._model_id)
        except StoreError as error:
            raise ProviderUnavailableError(
                "the stored vectors could not be checked", detail=error.message
            ) from error
