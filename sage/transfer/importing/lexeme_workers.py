"""Make the lexemes of many memories in other processes: that is the slowest part of an import."""

from __future__ import annotations

import asyncio
import json
import os
import sys
from contextlib import AsyncExitStack, suppress
from typing import TYPE_CHECKING, Self

from sage.service.arriving import arriving_memories
from sage.store.transfer import ArrivingMemory
from sage.transfer.importing.word_worker import LENGTH_BYTES, packed

if TYPE_CHECKING:
    from asyncio.subprocess import Process
    from collections.abc import Sequence
    from datetime import datetime

    from sage.domain.transfer import TransferredMemory

_COMMAND = (sys.executable, "-m", "sage.transfer.importing.word_worker")
_WORTH_MEMORIES = 1_000
_MAX_WORKERS = 4

_WORTH_SHARED_MEMORIES = 300
"""A process takes as long to start; it is ready for the next batch."""
_IDLE_S = 10.0


class LexemeWorkers:
    """Makes the lexemes of memories; of many at once in a process for each processor but one.

    If a worker dies, this process does its work.
    """

    def __init__(
        self, command: Sequence[str] = _COMMAND, *, worth_memories: int | None = None
    ) -> None:
        self._command = command
        self._worth_memories = worth_memories or _WORTH_MEMORIES
        self._wanted = min((os.cpu_count() or 1) - 1, _MAX_WORKERS)
        self._workers: list[Process] = []

    async def __aenter__(self) -> Self:
        """Return it; workers are started when there is enough work."""
        return self

    async def __aexit__(self, *_: object) -> None:
        """Stop the workers."""
        workers, self._workers = self._workers, []
        for worker in workers:
            with suppress(ProcessLookupError):
                worker.kill()
            await worker.wait()

    async def add_lexemes(
        self, memories: Sequence[TransferredMemory], began: datetime
    ) -> list[ArrivingMemory]:
        """Return memories with their lexemes; those without a time get that of `began`."""
        if len(memories) >= self._worth_memories and self._wanted:
            try:
                return await self._add_lexemes_elsewhere(memories, began)
            except (OSError, asyncio.IncompleteReadError):
                self._wanted = 0
        return await asyncio.to_thread(arriving_memories, memories, began)

    async def _add_lexemes_elsewhere(
        self, memories: Sequence[TransferredMemory], began: datetime
    ) -> list[ArrivingMemory]:
        while len(self._workers) < self._wanted:
            pipe = asyncio.subprocess.PIPE
            self._workers.append(
                await asyncio.create_subprocess_exec(*self._command, stdin=pipe, stdout=pipe)
            )
        dated = [(one, one.message.created_at or began) for one in memories]
        texts = [
            (one.message.content, one.message.name, when.isoformat(), one.message.role)
            for one, when in dated
        ]
        share = -(-len(texts) // self._wanted)
        shares = [texts[start : start + share] for start in range(0, len(texts), share)]
        answers = await asyncio.gather(*map(_ask, self._workers, shares))
        lexemes = [text for answer in answers for text in answer]
        return [
            ArrivingMemory(one, when, text)
            for (one, when), text in zip(dated, lexemes, strict=True)
        ]


async def _ask(worker: Process, texts: Sequence[object]) -> list[str]:
    to, answers = worker.stdin, worker.stdout
    if to is None or answers is None:
        raise RuntimeError("the worker has no pipes")
    to.write(packed(texts))
    await to.drain()
    length = int.from_bytes(await answers.readexactly(LENGTH_BYTES), "big")
    found: list[str] = json.loads(await answers.readexactly(length))
    return found


class SharedLexemeWorkers:
    """Makes the lexemes of one batch at a time; its processes end when idle for a while."""

    def __init__(self) -> None:
        self._one_batch = asyncio.Lock()
        self._opened = AsyncExitStack()
        self._workers: LexemeWorkers | None = None
        self._ending: asyncio.Task[None] | None = None

    async def add_lexemes(
        self, memories: Sequence[TransferredMemory], began: datetime
    ) -> list[ArrivingMemory]:
        """Return memories with their lexemes; those without a time get that of `began`."""
        async with self._one_batch:
            if self._ending is not None:
                self._ending.cancel()
            if self._workers is None:
                workers = LexemeWorkers(worth_memories=_WORTH_SHARED_MEMORIES)
                self._workers = await self._opened.enter_async_context(workers)
            try:
                return await self._workers.add_lexemes(memories, began)
            except BaseException:
                await self._end()  # its processes may be in the middle of an answer
                raise
            finally:
                self._ending = asyncio.create_task(self._end_when_idle())

    async def close(self) -> None:
        """Stop the processes."""
        if self._ending is not None:
            self._ending.cancel()
        await self._end()

    async def _end_when_idle(self) -> None:
        await asyncio.sleep(_IDLE_S)
        async with self._one_batch:
            await self._end()

    async def _end(self) -> None:
        self._workers = None
        await self._opened.aclose()
