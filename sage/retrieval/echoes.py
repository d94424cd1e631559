"""Find messages that only repeat what a question says.

How one asks, politeness and articles are no content; numbers, names and negations are.
"""

from __future__ import annotations

import re
from functools import lru_cache
from typing import NamedTuple

from sage.retrieval.asking_words import ASKING, NEGATIONS, UNSPACED_ASKING, UNSPACED_NOT
from sage.retrieval.simplified_chinese import simplified
from sage.retrieval.spellings import other_spellings
from sage.retrieval.words import normalized, words_of

_MOST_CHARS = 2_000
"""A longer message is no echo: nobody writes so much to ask what was asked."""

_KEPT_TEXTS = 256
_NOT = "!"
_ELIDED_NOT = re.compile(r"n['’]", re.IGNORECASE)  # noqa: RUF001 - typographic apostrophe
_STARTS_SENTENCE = re.compile(r"(?:\A|[.!?¿¡:。！？：\n\"“(])\s*\Z")  # noqa: RUF001 - CJK marks


class _Content(NamedTuple):
    """What a text is about: its words, those with other spellings, and its unspaced runs."""

    terms: frozenset[str]
    spelt: frozenset[str]
    runs: tuple[str, ...]
    pairs: frozenset[str]

    @property
    def size(self) -> tuple[int, int]:
        return len(self.terms - {_NOT}), sum(map(len, self.runs))


def adds_nothing(message: str, query: str) -> bool:
    """Return whether all content words, numbers, names and negations of a message are in a query.

    Words are compared by their stems, scripts without spaces by pairs of characters. A message that
    differs from the query in nothing but a negation is not the same.
    """
    if len(message) > _MOST_CHARS:
        return False
    said, asked = _content_of(message), _content_of(query)
    if not (said.terms <= asked.spelt and all(_covers(asked, run) for run in said.runs)):
        return False
    is_negated = _NOT in asked.terms and _NOT not in said.terms
    return not is_negated or asked.size != said.size


def says_the_same(text: str, other: str) -> bool:
    """Return whether two texts differ in nothing but form."""
    return adds_nothing(text, other) and adds_nothing(other, text)


@lru_cache(_KEPT_TEXTS)
def _content_of(text: str) -> _Content:
    text = simplified(normalized(text))
    words = list(words_of(text))
    terms: set[str] = set()
    runs: list[str] = []
    for word in words:
        if word.run:
            kept = UNSPACED_ASKING.sub(" ", word.spelling)
            if UNSPACED_NOT.search(kept):
                terms.add(_NOT)
            runs.extend(kept.split())
        elif word.spelling in NEGATIONS or _ELIDED_NOT.match(text, word.starts_at):
            terms.add(_NOT)
        elif word.spelling not in ASKING or _is_name(text, word.starts_at):
            terms.add(word.term)
    joined = "".join(runs)
    pairs = frozenset((*joined, *(joined[at : at + 2] for at in range(len(joined) - 1))))
    said = frozenset(terms)
    return _Content(said, said.union(other_spellings(text, words)), tuple(runs), pairs)


def _covers(asked: _Content, run: str) -> bool:
    """Return whether each character of a run stands in the question beside the same neighbour."""
    if len(run) == 1:
        return run in asked.pairs
    found = [run[at : at + 2] in asked.pairs for at in range(len(run) - 1)]
    return all(
        before or after for before, after in zip([False, *found], [*found, False], strict=True)
    )


def _is_name(text: str, at: int) -> bool:
    """Return whether a word that could be an empty one is written as a name."""
    if not text[at].isupper() or text[at : at + 2] in {"I ", "I'", "I’"}:  # noqa: RUF001
        return False
    return not _STARTS_SENTENCE.search(text[max(0, at - 8) : at])
