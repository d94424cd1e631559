"""Shorten messages to the parts that matter for a question."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from typing import TYPE_CHECKING

from sage.domain.split_messages import with_size
from sage.retrieval.context.excerpts import best_part
from sage.retrieval.context.tokens import MAX_CHARS_PER_TOKEN, count_tokens_upper_bound
from sage.retrieval.text.highlights import matches_of
from sage.retrieval.text.lexemes import query_of

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Sequence

    from sage.domain.searching import Hit

    _Cut = Callable[[str, Collection[str]], str]

_LINE_TOKENS = 40
_MAX_TOKENS = 1_000
_PART_TOKENS = 960
"""For a part of a message, with the size of the whole."""


async def outlined(hits: Sequence[Hit], question: str) -> tuple[Hit, ...]:
    """Return hits cut to one line: of a long one, the part with most words of the question."""

    def line(content: str, terms: Collection[str]) -> str:
        return " ".join(_part(content, terms, _LINE_TOKENS).split())

    return await asyncio.to_thread(_each_cut, hits, question, line)


async def with_parts_cut(hits: Sequence[Hit], question: str) -> tuple[Hit, ...]:
    """Return hits; parts of messages are cut to what matters, with the size of the whole."""

    def cut() -> tuple[Hit, ...]:
        terms = query_of(question).terms
        return tuple(
            hit
            if hit.whole_chars is None
            else replace(
                hit,
                content=with_size(_part(hit.content, terms, _PART_TOKENS), hit.whole_chars),
            )
            for hit in hits
        )

    if all(hit.whole_chars is None for hit in hits):
        return tuple(hits)
    return await asyncio.to_thread(cut)


async def abridged(hits: Sequence[Hit], question: str) -> tuple[Hit, ...]:
    """Return hits shortened for a model: of more than 1,000 tokens, the part that matters."""
    if all(len(hit.content.encode()) <= _MAX_TOKENS for hit in hits):
        return tuple(hits)  # no tokenizer makes more tokens than there are bytes
    return await asyncio.to_thread(
        _each_cut, hits, question, lambda content, terms: _part(content, terms, _MAX_TOKENS)
    )


async def highlighted(hits: Sequence[Hit], question: str) -> tuple[Hit, ...]:
    """Return hits with the positions of words of the question in their present contents."""

    def found() -> tuple[Hit, ...]:
        matches = matches_of(question)
        return tuple(replace(hit, matches=tuple(matches(hit.content))) for hit in hits)

    return await asyncio.to_thread(found)


def _each_cut(hits: Sequence[Hit], question: str, cut: _Cut) -> tuple[Hit, ...]:
    terms = query_of(question).terms
    return tuple(
        replace(
            hit,
            content=cut(hit.content, terms),
            reply=hit.reply and replace(hit.reply, content=cut(hit.reply.content, terms)),
            correction=hit.correction
            and replace(hit.correction, content=cut(hit.correction.content, terms)),
        )
        for hit in hits
    )


def _part(content: str, terms: Collection[str], most_tokens: int) -> str:
    long = len(content) > most_tokens * MAX_CHARS_PER_TOKEN
    if long or count_tokens_upper_bound(content) > most_tokens:
        return best_part(content, terms, most_tokens, None)
    return content
