"""Cut what was said to the line that matters for a question."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sage.retrieval.excerpts import best_part
from sage.retrieval.tokens import MAX_CHARS_PER_TOKEN, count_tokens_upper_bound

if TYPE_CHECKING:
    from collections.abc import Collection

_MAX_TOKENS = 40


def outline(content: str, terms: Collection[str]) -> str:
    """Return `content` as one line: its best part for the terms of a question where it is long."""
    long = len(content) > _MAX_TOKENS * MAX_CHARS_PER_TOKEN
    if long or count_tokens_upper_bound(content) > _MAX_TOKENS:
        content = best_part(content, terms, _MAX_TOKENS, None)
    return " ".join(content.split())
