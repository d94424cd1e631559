"""The positions of the words of a question in a text, for highlighting."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeAlias

from sage.retrieval.text.lexemes import query_of
from sage.retrieval.text.words import grams_of, normalized, words_of

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterable

    Matches: TypeAlias = Callable[[str], list[tuple[int, int]]]


def matches_of(question: str) -> Matches:
    """Return what finds the words of a question, which is cut once, in any number of texts.

    It returns the stretches of a text that they find, as offsets in their order. Words count by
    their stem, and those that carry no topic do not count. Nothing is returned for a text whose
    normal form is longer or shorter, since offsets count characters of that.
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
