"""Counts and times the calls of an embedding model."""

from __future__ import annotations

import asyncio
import time
from typing import TYPE_CHECKING, TypeVar

from sage.errors import ProviderRejectedError, ProviderUnavailableError
from sage.providers.delegating import DelegatingEmbedder
from sage.providers.remote.faults import ServerFailedError
from sage.telemetry.metrics.catalog import EMBEDDING_CALLS, EMBEDDING_DURATION

if TYPE_CHECKING:
    from collections.abc import Awaitable, Sequence

    from sage.domain.embedding import Vectors

_Result = TypeVar("_Result")


class MeasuringEmbedder(DelegatingEmbedder):
    """Measures the calls of the embedder that it wraps."""

    async def embed_query(self, text: str) -> Vectors:
        """Embed a question with the wrapped embedder. Raises ProviderError."""
        return await self._measured("query", self.wrapped.embed_query(text))

    async def embed_passages(self, texts: Sequence[str]) -> Vectors:
        """Embed texts with the wrapped embedder. Raises ProviderError."""
        return await self._measured("passages", self.wrapped.embed_passages(texts))

    async def _measured(self, kind: str, call: Awaitable[_Result]) -> _Result:
        provider, outcome = self.model.provider, "ok"
        began_at = time.perf_counter()
        try:
            return await call
        except BaseException as error:
            outcome = _outcome(error)
            raise
        finally:
            EMBEDDING_CALLS.labels(provider, kind, outcome).inc()
            EMBEDDING_DURATION.labels(provider, kind).observe(time.perf_counter() - began_at)


def _outcome(error: BaseException) -> str:
    match error:
        case ServerFailedError():
            return "server_error"
        case ProviderUnavailableError():
            return "unavailable"
        case ProviderRejectedError():
            return "rejected"
        case asyncio.CancelledError():
            return "cancelled"
        case _:
            return "error"
