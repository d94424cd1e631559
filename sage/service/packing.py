"""Fill token windows without blocking the event loop, with a summary first if requested."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from typing import TYPE_CHECKING

from sage.domain.gathering import ContextAnswer, ListedMemory
from sage.domain.searching import Degradation
from sage.domain.skipped_parts import SUMMARY
from sage.domain.text_length import normalized_length
from sage.errors import ProviderError
from sage.phrases import phrase
from sage.retrieval.context.packing import pack_context
from sage.retrieval.context.summaries import FRAME_TOKENS, fence_summary, turn_to_condense
from sage.retrieval.context.tokens import count_tokens_upper_bound

if TYPE_CHECKING:
    from sage.domain.summarizing import Summarizer
    from sage.retrieval.context.packing import PackedContext, PackingInput

_DEADLINE_S = 8.0
_READ_TOKENS = 8000
_SHARE = 3
_CHARS_IN_NO_TIME = 20_000
_NO_ROOM = "it does not fit into a third of the window"


async def plain_context(recalled: PackingInput, window: int) -> ContextAnswer:
    """Fill a window of tokens with turns only."""
    packed = await _pack(recalled, window)
    return _answer(packed.context, recalled, packed, packed.tokens)


async def summarized_context(
    summarizer: Summarizer,
    recalled: PackingInput,
    window: int,
    *,
    spent_s: float = 0.0,
    deadline_s: float = _DEADLINE_S,
) -> ContextAnswer:
    """Summarize memories in a third of a window, and fill the rest with turns.

    The summary may cover more turns than then fit. Without the summarizer the whole window is
    filled with turns, and `degraded` gives the reason. `spent_s` seconds of the deadline have
    already passed.
    """
    read = await _pack(recalled, _READ_TOKENS)
    turns = [turn_to_condense(turn, recalled.timezone) for turn in read.turns]
    budget = window // _SHARE - FRAME_TOKENS
    try:
        async with asyncio.timeout(max(0.0, deadline_s - spent_s)):
            summary = await summarizer.summarize(recalled.question, turns, max(1, budget))
    except TimeoutError:
        reason = phrase(
            "no summary within the time limit of {seconds} s", seconds=f"{deadline_s:g}"
        )
        return await _without_summary(recalled, window, reason)
    except ProviderError as error:
        return await _without_summary(recalled, window, error.message)
    head = fence_summary(summary, budget)
    packed = await _pack(recalled, window - count_tokens_upper_bound(head))
    context = head + packed.context
    degraded = (Degradation(SUMMARY, _NO_ROOM),) if summary.strip() and not head else ()
    return _answer(context, recalled, packed, count_tokens_upper_bound(context), degraded)


async def _without_summary(recalled: PackingInput, window: int, reason: str) -> ContextAnswer:
    plain = await plain_context(recalled, window)
    return replace(plain, degraded=(Degradation(SUMMARY, reason),))


def _answer(
    context: str,
    recalled: PackingInput,
    packed: PackedContext,
    tokens: int,
    degraded: tuple[Degradation, ...] = (),
) -> ContextAnswer:
    listed = tuple(map(ListedMemory.of, packed.memories))
    return ContextAnswer(context, recalled.relevance, listed, tokens, degraded)


async def _pack(recalled: PackingInput, window: int) -> PackedContext:
    """Pack in a thread if there is so much text that other requests would wait."""
    texts = (hit.content for hit in recalled.hits)
    if sum(normalized_length(text, _CHARS_IN_NO_TIME) for text in texts) <= _CHARS_IN_NO_TIME:
        return pack_context(recalled, window)
    return await asyncio.to_thread(pack_context, recalled, window)
