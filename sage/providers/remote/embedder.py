"""Embeddings over HTTP: POST /embeddings of OpenAI and SiliconFlow."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

import numpy as np

from sage.domain.embedding import PROBE_TEXT, EmbeddingModel
from sage.domain.text_length import truncate_normalized
from sage.errors import ProviderRejectedError, ProviderUnavailableError
from sage.providers.remote.faults import Fault, FaultKind, ServerFailedError
from sage.providers.remote.vectors import parse_vectors

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sage.domain.embedding import Vectors
    from sage.providers.remote.catalog import ModelSpec
    from sage.providers.remote.client import ApiClient

_MAX_BATCH = 32
_GROW_AFTER_BATCHES = 32


class RemoteEmbedder:
    """Embeds with one model of one provider.

    A text that the provider cannot embed is distinguished from a provider that fails: after a
    rejection or repeated failures a probe text is sent. If that fails too, the texts are not the
    cause and can be retried later.
    """

    is_local = False

    def __init__(
        self, client: ApiClient, name: str, spec: ModelSpec, *, send_dimensions: bool
    ) -> None:
        """Use the model called `name`; with `send_dimensions` each request has `dimensions`."""
        self._client = client
        self._spec = spec
        self._model = EmbeddingModel(client.endpoint.provider, name, spec.dimensions)
        self._parameters = {"model": name, "encoding_format": "float"} | (
            {"dimensions": spec.dimensions} if send_dimensions else {}
        )
        self._batch_size = _MAX_BATCH
        self._batches_since_resize = 0

    @property
    def model(self) -> EmbeddingModel:
        """The model with its provider: two providers may serve the same model differently."""
        return self._model

    @property
    def max_chars(self) -> int:
        """The longest text that always fits the model's context, at most 2,000 characters."""
        return self._spec.max_chars

    @property
    def may_change(self) -> bool:
        """Whether the server may serve another model under the same name later."""
        return self._client.endpoint.models_may_change

    @property
    def ready(self) -> bool:
        """Whether the circuit breaker is closed."""
        return self._client.ready

    @property
    def last_error(self) -> str:
        """The last failure's message, empty after a success."""
        return self._client.last_error

    def has_word(self, _word: str) -> bool:
        """Return True: the provider does not report words, and a word it may know is no typo."""
        return True

    async def start(self) -> None:
        """Do nothing: the first call connects."""

    async def embed_query(self, text: str) -> Vectors:
        """Embed a question, truncated to `max_chars`.

        Raises ProviderUnavailableError, ProviderRejectedError.
        """
        question = self._spec.query_prefix + truncate_normalized(text, self.max_chars)
        deadline_s = self._client.timings.query_deadline_s
        vectors = await self._request([question], deadline_s)
        first: Vectors = vectors[0]
        return first

    async def embed_passages(self, texts: Sequence[str]) -> Vectors:
        """Embed texts in batches of at most 32.

        Raises ProviderUnavailableError, ProviderRejectedError (`permanent` is False when the
        provider failed on these texts and embedded the probe text).
        """
        passages = [self._spec.passage_prefix + text for text in texts]
        vectors = [np.empty((0, self._spec.dimensions), np.float32)]
        while passages:
            batch, passages = passages[: self._batch_size], passages[self._batch_size :]
            vectors.append(await self._embed(batch))
            self._grow_batch_size()
        return np.concatenate(vectors)

    async def close(self) -> None:
        """Close the connections."""
        await self._client.close()

    async def _embed(self, texts: list[str]) -> Vectors:
        try:
            return await self._request(texts, self._client.timings.batch_deadline_s)
        except ProviderRejectedError as rejection:
            if len(texts) > 1:
                return await self._embed_halves(texts)
            raise await self._find_cause(rejection) from None
        except ServerFailedError as failure:
            if not await self._accepts_probe():
                raise
            raise ProviderRejectedError(
                failure.message, hint=failure.hint, permanent=False
            ) from failure

    async def _embed_halves(self, texts: list[str]) -> Vectors:
        """Embed in two smaller batches, and keep that size if both are accepted."""
        middle = (len(texts) + 1) // 2
        halves = [await self._embed(half) for half in (texts[:middle], texts[middle:])]
        self._batch_size = min(self._batch_size, middle)
        self._batches_since_resize = 0
        return np.concatenate(halves)

    def _grow_batch_size(self) -> None:
        """Double the size after many accepted batches, as the provider's limit may have risen."""
        self._batches_since_resize += 1
        if self._batches_since_resize >= _GROW_AFTER_BATCHES:
            self._batch_size = min(2 * self._batch_size, _MAX_BATCH)
            self._batches_since_resize = 0

    async def _find_cause(
        self, rejection: ProviderRejectedError
    ) -> ProviderRejectedError | ProviderUnavailableError:
        if await self._accepts_probe():
            return rejection
        hint = "check EMBEDDING_MODEL and EMBEDDING_DIMENSIONS"
        return self._client.report_fault(Fault(FaultKind.PERMANENT, rejection.message, hint))

    async def _accepts_probe(self) -> bool:
        deadline_s = self._client.timings.query_deadline_s
        try:
            await self._request([PROBE_TEXT], deadline_s, bypass_breaker=True)
        except (ProviderRejectedError, ProviderUnavailableError):
            return False
        return True

    async def _request(
        self, texts: list[str], deadline_s: float, *, bypass_breaker: bool = False
    ) -> Vectors:
        return await self._client.post(
            "/embeddings",
            {**self._parameters, "input": texts},
            partial(parse_vectors, count=len(texts), dimensions=self._spec.dimensions),
            deadline_s=deadline_s,
            bypass_breaker=bypass_breaker,
        )
