"""Condense memories by whatever the configuration names, within a deadline."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from sage.config.choices import SummaryProvider
from sage.providers.registry import open_chat_summarizer
from sage.retrieval.context.summaries import extract_summary

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sage.config.settings import Settings
    from sage.domain.summarizing import Summarizer, SummaryTurn


class ExtractiveSummarizer:
    """Picks whole sentences, beside the event loop, without a language model."""

    name = "extractive"
    last_error = ""
    is_local = True

    async def summarize(self, question: str, turns: Sequence[SummaryTurn], max_tokens: int) -> str:
        """Pick the sentences that say most about a question, none where none does."""
        return await asyncio.to_thread(extract_summary, question, turns, max_tokens)

    async def close(self) -> None:
        """Do nothing: there is nothing to let go of."""


def open_summarizer(settings: Settings) -> Summarizer | None:
    """Build the summarizer of a configuration, None where it has none.

    Raises ConfigurationError.
    """
    if settings.summary.provider is SummaryProvider.NONE:
        return None
    return open_chat_summarizer(settings) or ExtractiveSummarizer()
