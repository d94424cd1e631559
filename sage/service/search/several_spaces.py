"""Search several spaces at once: a few at a time, with one vector of the question for all."""

from __future__ import annotations

import asyncio
import time
from contextlib import contextmanager
from dataclasses import replace
from typing import TYPE_CHECKING, TypeVar

from sage.providers.delegating import DelegatingEmbedder

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Iterable, Iterator

    from sage.domain.embedding import Embedder, EmbedderHandle, Vectors

_Result = TypeVar("_Result")

_AT_ONCE = 3
"""Fewer than the connections for spaces, so that other calls need not wait."""


async def in_each(
    spaces: Iterable[str], work: Callable[[str], Awaitable[_Result]]
) -> list[_Result]:
    """Call `work` for each space, and return the results in the same order.

    Raises the first exception of `work`, and cancels the others.
    """
    room = asyncio.Semaphore(_AT_ONCE)

    async def enter(space: str) -> _Result:
        async with room:
            return await work(space)

    try:
        async with asyncio.TaskGroup() as group:
            tasks = [group.create_task(enter(space)) for space in spaces]
    except ExceptionGroup as failures:
        raise failures.exceptions[0] from None
    return [task.result() for task in tasks]


@contextmanager
def embedding_once(handle: EmbedderHandle, deadline_s: float) -> Iterator[EmbedderHandle]:
    """Yield a handle for one question, which is sent to the model once for all spaces."""
    embedder = _EmbeddingOnce(handle.embedder, deadline_s)
    try:
        yield replace(handle, embedder=embedder)
    finally:
        for task in embedder.asked.values():
            task.cancel()


class _EmbeddingOnce(DelegatingEmbedder):
    def __init__(self, wrapped: Embedder, deadline_s: float) -> None:
        super().__init__(wrapped)
        self._ends_at = time.monotonic() + deadline_s
        self.asked: dict[str, asyncio.Task[Vectors]] = {}

    async def embed_query(self, text: str) -> Vectors:
        """Embed a question, or wait for the answer to it. Raises ProviderError, TimeoutError."""
        if text not in self.asked:
            self.asked[text] = asyncio.ensure_future(self.wrapped.embed_query(text))
        async with asyncio.timeout(max(0.0, self._ends_at - time.monotonic())):
            return await asyncio.shield(self.asked[text])
