"""Summaries without a language model: sentences are picked and left as they were said."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from sage.domain.summarizing import Turn


class ExtractiveSummarizer:
    """Picks whole sentences, beside the event loop."""

    name = "extractive"
    last_error = ""

    def __init__(self, pick: Callable[[str, Sequence[Turn], int], str]) -> None:
        """Use `pick`: from a question, turns and the most tokens to the sentences."""
        self._pick = pick

    async def summarize(self, question: str, turns: Sequence[Turn], max_tokens: int) -> str:
        """Pick the sentences that say most about a question, none where none does."""
        return await asyncio.to_thread(self._pick, question, turns, max_tokens)

    async def close(self) -> None:
        """Do nothing: there is nothing to let go of."""
