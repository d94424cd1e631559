"""Embeddings over HTTP: POST /embeddings as OpenAI has it and SiliconFlow."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

import numpy as np

from sage.domain.embedding import EmbeddingModel
from sage.errors import ProviderRejectedError, ProviderUnavailableError
from sage.providers.remote.client import StumbledError
from sage.providers.remote.faults import Fault, Kind
from sage.providers.remote.vectors import read_vectors

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sage.domain.embedding import Vectors
    from sage.providers.remote.catalog import ModelCard
    from sage.providers.remote.client import ApiClient

_MAX_BATCH = 32
_BATCHES_TO_GROW = 32
_HARMLESS = "Is the model there?"


class RemoteEmbedder:
    """Embeds with one model of one provider.

    A failure that only some texts cause is told from one of the provider: after a refusal, or
    repeated failures, a harmless text is sent. If that is refused as well, nothing is wrong with
    the texts, and they wait.
    """

    is_local = False

    def __init__(self, client: ApiClient, name: str, card: ModelCard, *, ask_length: bool) -> None:
        """Use the model called `name`; `ask_length` sends `dimensions` with each request."""
        self._client = client
        self._card = card
        self._model = EmbeddingModel(client.endpoint.provider, name, card.dimensions)
        self._fixed = {"model": name, "encoding_format": "float"} | (
            {"dimensions": card.dimensions} if ask_length else {}
        )
        self._batch = _MAX_BATCH
        self._taken = 0

    @property
    def model(self) -> EmbeddingModel:
        """The space of the model, by provider: two providers may serve it in different ways."""
        return self._model

    @property
    def max_chars(self) -> int:
        """How many characters surely fit the model's window, 2,000 at most."""
        return self._card.max_chars

    @property
    def may_change(self) -> bool:
        """Whether anybody may run the server, and change its model under the same name."""
        return self._client.endpoint.is_anyones

    @property
    def ready(self) -> bool:
        """Whether calls are sent, as far as is known."""
        return self._client.ready

    @property
    def last_error(self) -> str:
        """What went wrong last, empty since the last success."""
        return self._client.last_error

    async def start(self) -> None:
        """Do nothing: the first call connects."""

    async def embed_query(self, text: str) -> Vectors:
        """Embed a question, cut to the model's window.

        Raises ProviderUnavailableError, ProviderRejectedError.
        """
        asked = self._card.query_prefix + text[: self.max_chars]
        deadline_s = self._client.timings.query_deadline_s
        vectors = await self._ask([asked], deadline_s)
        first: Vectors = vectors[0]
        return first

    async def embed_passages(self, texts: Sequence[str]) -> Vectors:
        """Embed texts in batches of at most 32.

        Raises ProviderUnavailableError, ProviderRejectedError: not lasting when the provider
        failed on these texts and answered others.
        """
        passages = [self._card.passage_prefix + text for text in texts]
        done = [np.empty((0, self._card.dimensions), np.float32)]
        while passages:
            batch, passages = passages[: self._batch], passages[self._batch :]
            done.append(await self._embed(batch))
            self._grow()
        return np.concatenate(done)

    async def close(self) -> None:
        """Close the connections."""
        await self._client.close()

    async def _embed(self, texts: list[str]) -> Vectors:
        try:
            return await self._ask(texts, self._client.timings.batch_deadline_s)
        except ProviderRejectedError as refusal:
            if len(texts) > 1:
                return await self._embed_halves(texts)
            raise await self._judged(refusal) from None
        except StumbledError as failure:
            if not await self._answers_others():
                raise
            raise ProviderRejectedError(
                failure.message, hint=failure.hint, lasting=False
            ) from failure

    async def _embed_halves(self, texts: list[str]) -> Vectors:
        """Send two smaller batches. If they are taken it was the size: stay with the smaller."""
        middle = (len(texts) + 1) // 2
        halves = [await self._embed(half) for half in (texts[:middle], texts[middle:])]
        self._batch = min(self._batch, middle)
        self._taken = 0
        return np.concatenate(halves)

    def _grow(self) -> None:
        """Try twice as much after many batches: perhaps the limit was of that hour."""
        self._taken += 1
        if self._taken >= _BATCHES_TO_GROW:
            self._batch = min(2 * self._batch, _MAX_BATCH)
            self._taken = 0

    async def _judged(
        self, refusal: ProviderRejectedError
    ) -> ProviderRejectedError | ProviderUnavailableError:
        if await self._answers_others():
            return refusal
        hint = "check EMBEDDING_MODEL and EMBEDDING_DIMENSIONS"
        return self._client.blame(Fault(Kind.PERMANENT, refusal.message, hint))

    async def _answers_others(self) -> bool:
        try:
            await self._ask([_HARMLESS], self._client.timings.query_deadline_s, bypass_breaker=True)
        except (ProviderRejectedError, ProviderUnavailableError):
            return False
        return True

    async def _ask(
        self, texts: list[str], deadline_s: float, *, bypass_breaker: bool = False
    ) -> Vectors:
        return await self._client.post(
            "/embeddings",
            {**self._fixed, "input": texts},
            partial(read_vectors, count=len(texts), dimensions=self._card.dimensions),
            deadline_s=deadline_s,
            bypass_breaker=bypass_breaker,
        )
