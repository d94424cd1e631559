"""Where the words of a question stand in a text, for those who show it."""

from __future__ import annotations

from sage.retrieval.lexemes import query_of
from sage.retrieval.words import grams_of, normalized, words_of


def matches_in(text: str, question: str) -> list[tuple[int, int]]:
    """Return the stretches of `text` that words of `question` find, as offsets in their order.

    Words count by their stem, and those that carry no topic do not count. Nothing is returned for
    a text whose normal form is longer or shorter, since offsets count characters of that.
    """
    asked = frozenset(query_of(question).terms)
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
