"""An embedder whose texts are embedded in a process of its own: a crash ends that process alone."""

from __future__ import annotations

import asyncio
import json
import sys
from contextlib import suppress
from typing import TYPE_CHECKING

import numpy as np

from sage.errors import ProviderRejectedError, ProviderUnavailableError
from sage.providers.delegating import DelegatingEmbedder

if TYPE_CHECKING:
    from asyncio.subprocess import Process
    from collections.abc import Sequence

    from sage.domain.embedding import Embedder, Vectors

_WORKER = (sys.executable, "-m", "sage.providers.passage_worker")
_ATTEMPTS = 2
"""A process may also be killed for want of memory, which is no fault of the text."""


def isolate_crashes(embedder: Embedder) -> Embedder:
    """Return an embedder that no text can crash this process with."""
    return ProcessEmbedder(embedder) if embedder.is_local else embedder


class ProcessEmbedder(DelegatingEmbedder):
    """Embeds texts in a worker process, which is started when it is needed.

    Questions are embedded by the wrapped embedder.
    """

    def __init__(self, wrapped: Embedder, worker: Sequence[str] = _WORKER) -> None:
        super().__init__(wrapped)
        self._command = worker
        self._process: Process | None = None
        self._lock = asyncio.Lock()

    async def embed_passages(self, texts: Sequence[str]) -> Vectors:
        """Embed texts.

        Raises ProviderRejectedError when the worker crashes on them, ProviderUnavailableError.
        """
        async with self._lock:
            for _ in range(_ATTEMPTS):
                try:
                    return await self._ask(texts)
                except (OSError, asyncio.IncompleteReadError):
                    await self._end()
                except BaseException:
                    await self._end()
                    raise
        raise ProviderRejectedError("the embedding engine crashes on this text")

    async def close(self) -> None:
        """End the worker and close the wrapped embedder."""
        await self._end()
        await super().close()

    async def _ask(self, texts: Sequence[str]) -> Vectors:
        if self._process is None:
            self._process = await asyncio.create_subprocess_exec(
                *self._command,
                stdin=asyncio.subprocess.PIPE,
                stdout=asyncio.subprocess.PIPE,
                stderr=asyncio.subprocess.DEVNULL,
            )
        to, answers = self._process.stdin, self._process.stdout
        if to is None or answers is None:
            raise RuntimeError("the worker has no pipes")
        to.write(json.dumps(list(texts)).encode() + b"\n")
        await to.drain()
        header = json.loads(await answers.readuntil())
        if "error" in header:
            raise ProviderUnavailableError(header["error"], hint=header["hint"])
        dimensions = self.model.dimensions
        content = await answers.readexactly(4 * header["vectors"] * dimensions)
        return np.frombuffer(content, "<f4").reshape(-1, dimensions)

    async def _end(self) -> None:
        process, self._process = self._process, None
        if process is not None:
            with suppress(ProcessLookupError):
                process.kill()
            await process.wait()
