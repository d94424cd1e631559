"""Cut what was said to the line that matters for a question."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from sage.retrieval.excerpts import best_part
from sage.retrieval.lexemes import query_of
from sage.retrieval.tokens import MAX_CHARS_PER_TOKEN, count_tokens_upper_bound

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence

    from sage.domain.searching import Hit

_MAX_TOKENS = 40


def outlined(hits: Sequence[Hit], question: str) -> tuple[Hit, ...]:
    """Return hits cut to one line: of a long one, the part that holds most of the question."""
    terms = query_of(question).terms
    return tuple(replace(hit, content=_line_of(hit.content, terms)) for hit in hits)


def _line_of(content: str, terms: Collection[str]) -> str:
    long = len(content) > _MAX_TOKENS * MAX_CHARS_PER_TOKEN
    if long or count_tokens_upper_bound(content) > _MAX_TOKENS:
        content = best_part(content, terms, _MAX_TOKENS, None)
    return " ".join(content.split())
