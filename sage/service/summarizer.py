"""Summarize memories with the configured summarizer, within a deadline."""

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
    """Selects whole sentences, without blocking the event loop and without a language model."""

    name = "extractive"
    last_error = ""
    is_local = True

    async def summarize(self, question: str, turns: Sequence[SummaryTurn], max_tokens: int) -> str:
        """Return the sentences that say most about a question, or an empty text."""
        return await asyncio.to_thread(extract_summary, question, turns, max_tokens)

    async def close(self) -> None:
        """Do nothing: there is nothing to close."""


def open_summarizer(settings: Settings) -> Summarizer | None:
    """Build the configured summarizer; None if there is none.

    Raises ConfigurationError.
    """
    if settings.summary.provider is SummaryProvider.NONE:
        return None
    return open_chat_summarizer(settings) or ExtractiveSummarizer()
