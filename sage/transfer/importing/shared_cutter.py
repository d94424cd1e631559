"""Processes that cut words for all imports of a server, for as long as there are any."""

from __future__ import annotations

import asyncio
from contextlib import AsyncExitStack
from typing import TYPE_CHECKING

from sage.transfer.importing.word_cutting import WordCutter

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from sage.domain.transfer import TransferredMemory
    from sage.store.transfer import ArrivingMemory

_WORTH_MEMORIES = 300
"""A process takes as long to start; by the next batch it is there."""
_IDLE_S = 10.0


class SharedCutter:
    """Cuts the words of one batch at a time; its processes end when none came for a while."""

    def __init__(self) -> None:
        self._one_batch = asyncio.Lock()
        self._opened = AsyncExitStack()
        self._cutter: WordCutter | None = None
        self._ending: asyncio.Task[None] | None = None

    async def cut(
        self, memories: Sequence[TransferredMemory], began: datetime
    ) -> list[ArrivingMemory]:
        """Return memories with their words; those without a time get that of `began`."""
        async with self._one_batch:
            if self._ending is not None:
                self._ending.cancel()
            if self._cutter is None:
                cutter = WordCutter(worth_memories=_WORTH_MEMORIES)
                self._cutter = await self._opened.enter_async_context(cutter)
            try:
                return await self._cutter.cut(memories, began)
            except BaseException:
                await self._end()  # its processes may be in the midst of an answer
                raise
            finally:
                self._ending = asyncio.create_task(self._end_when_idle())

    async def close(self) -> None:
        """End the processes."""
        if self._ending is not None:
            self._ending.cancel()
        await self._end()

    async def _end_when_idle(self) -> None:
        await asyncio.sleep(_IDLE_S)
        async with self._one_batch:
            await self._end()

    async def _end(self) -> None:
        self._cutter = None
        await self._opened.aclose()
