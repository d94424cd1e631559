"""The positions of the words of a question in a text, for highlighting."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeAlias

from sage.retrieval.text.lexemes import query_of
from sage.retrieval.text.words import grams_of, normalized, words_of

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterable

    Matches: TypeAlias = Callable[[str], list[tuple[int, int]]]


def matches_of(question: str) -> Matches:
    """Return a function that finds the words of a question in any number of texts.

    It returns the matching ranges of a text as offsets in order. Words are compared by stem, and
    words that carry no topic are ignored. It returns nothing for a text whose normal form has
    another length, since offsets count characters of the normal form.
    """
    asked = frozenset(query_of(question).terms)
    return lambda text: _found(text, asked)


def split_at_matches(text: str, matches: Iterable[tuple[int, int]]) -> list[tuple[str, bool]]:
    """Return a text in pieces, each with whether it is one of the matches."""
    pieces: list[tuple[str, bool]] = []
    end = 0
    for start, stop in matches:
        if stop <= end:
            continue
        begins = max(start, end)
        if begins > end:
            pieces.append((text[end:begins], False))
        pieces.append((text[begins:stop], True))
        end = stop
    return [*pieces, (text[end:], False)] if end < len(text) else pieces


def _found(text: str, asked: Collection[str]) -> list[tuple[int, int]]:
    if len(normalized(text)) != len(text):
        return []
    found: list[tuple[int, int]] = []
    for word in words_of(text):
        if not word.run:
            found += [(word.starts_at, word.ends_at)] * (word.term in asked)
            continue
        found += [
            (word.starts_at + offset, word.starts_at + offset + len(gram))
            for offset, gram in grams_of(word.spelling)
            if gram in asked
        ]
    return found
