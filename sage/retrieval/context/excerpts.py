"""Find the part of a long text that best answers a question."""

from __future__ import annotations

import math
from collections import Counter
from typing import TYPE_CHECKING

from sage.retrieval.context.fence import fenced
from sage.retrieval.context.tokens import count_tokens_upper_bound
from sage.retrieval.text.chunking import Chunk, chunks_of
from sage.retrieval.text.words import terms_in

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence

MARK = "[...]"

_PIECE_CHARS = 160
_MARKS_TOKENS = count_tokens_upper_bound(f"{MARK} {MARK} ")


def best_part(text: str, terms: Collection[str], most_tokens: int, near: Chunk | None) -> str:
    """Return the part of `text` with most of a question's `terms`, with marks where it is cut.

    It grows sentence by sentence around the best one, which is preferred inside `near`, the chunk
    closest in meaning, and has at most `most_tokens` tokens including the marks. Empty if not even
    one character fits.
    """
    budget = most_tokens - _MARKS_TOKENS
    size = min(_PIECE_CHARS, budget)
    while size > 0:
        pieces = chunks_of(text, size)
        seed = _best(text, pieces, terms, near)
        if _tokens(_joined(text, pieces, seed, seed)) <= budget:
            break
        size //= 2
    else:
        return ""
    first, last = _grown(text, pieces, seed, budget)
    before, after = first > 0, last + 1 < len(pieces)
    return f"{f'{MARK} ' * before}{_joined(text, pieces, first, last)}{f' {MARK}' * after}"


def _grown(text: str, pieces: Sequence[Chunk], seed: int, budget: int) -> tuple[int, int]:
    """Add the next piece and the previous one in turn, as long as they fit."""
    costs = [_tokens(text[piece.starts_at : piece.ends_at]) for piece in pieces]
    first = last = seed
    spent, grew = costs[seed], True
    while grew:
        grew = False
        for place in (last + 1, first - 1):
            if 0 <= place < len(pieces) and spent + costs[place] + 1 <= budget:
                spent += costs[place] + 1
                first, last, grew = min(first, place), max(last, place), True
    # Halves of a word that was cut may take less than the word.
    while first < last and _tokens(_joined(text, pieces, first, last)) > budget:
        first, last = (first + seed + 1) // 2, (last + seed) // 2
    return first, last


def _best(text: str, pieces: Sequence[Chunk], terms: Collection[str], near: Chunk | None) -> int:
    """Return the best piece, by rarity of its terms; being near weighs as much as a unique term."""
    held = [terms_in(text[piece.starts_at : piece.ends_at]).intersection(terms) for piece in pieces]
    found_in = Counter(term for terms_held in held for term in terms_held)
    weights = {term: math.log1p(len(pieces) / count) for term, count in found_in.items()}
    bonus = math.log1p(len(pieces))

    def worth(place: int) -> float:
        piece = pieces[place]
        is_near = near and piece.starts_at < near.ends_at and piece.ends_at > near.starts_at
        return sum(weights[term] for term in held[place]) + (bonus if is_near else 0.0)

    return max(range(len(pieces)), key=worth)


def _joined(text: str, pieces: Sequence[Chunk], first: int, last: int) -> str:
    return text[pieces[first].starts_at : pieces[last].ends_at]


def _tokens(part: str) -> int:
    return count_tokens_upper_bound(fenced(part))
