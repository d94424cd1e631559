"""Wait until all saved memories are embedded."""

from __future__ import annotations

import asyncio
import time
from typing import TYPE_CHECKING

from sage.domain.text.wording import counted
from sage.errors import SageError
from sage.phrases import phrase

if TYPE_CHECKING:
    from collections.abc import Callable

    from sage.bootstrap import Services

_POLL_S = 0.1
_STALLED_S = 120.0


async def until_embedded(
    services: Services, space_id: str, progress: Callable[[int], None]
) -> None:
    """Wait until no memory of a space lacks its vector.

    `progress` is called with the number of memories embedded since the last call. Raises SageError
    if the model rejects a text, or embeds nothing for two minutes.
    """
    known, changed_at = 0, time.monotonic()
    while True:
        stats = await services.memory.stats(space_id)
        embedded = stats.memories - stats.queue.pending - stats.queue.failed
        if embedded > known:
            progress(embedded - known)
            known, changed_at = embedded, time.monotonic()
        if not stats.queue.pending and not stats.queue.failed:
            return
        if stats.queue.failed or time.monotonic() - changed_at > _STALLED_S:
            messages = counted(stats.memories, "message", "messages")
            raise SageError(
                phrase(
                    "{memories:,} of {messages} got no vector",
                    memories=stats.memories - embedded,
                    messages=messages,
                ),
                hint="run `sage doctor` to check the embedding model",
            )
        await asyncio.sleep(_POLL_S)
