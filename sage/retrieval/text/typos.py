"""Correct typos in a question: words of no memory that are one edit away from a word of some.

An edit is one letter too many, missing or wrong, or two letters swapped. The words one edit away
are looked up in the index, so that no word list is needed: names by their terms, too, since a
memory with the key of a name contains its term.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from itertools import product
from typing import TYPE_CHECKING

from sage.retrieval.text.names import BY_PREFIX, MIN_CALLS, TO_PREFIX
from sage.retrieval.text.words import normalized, stem_of, words_of

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterable, Mapping

    from sage.retrieval.text.names import PossibleNames
    from sage.retrieval.text.words import Word

_MAX_WORDS = 4
"""A question with more unknown words is in another language, or contains pasted text."""
_MIN_LETTERS = 4
_ENDING_LETTERS = 4
_ALPHABETS = ("abcdefghijklmnopqrstuvwxyz", "абвгдежзийклмнопрстуфхцчшщъыьэюя")
_INFLECTED = re.compile(
    r"(?:able|al|ance|ant|ate|ator|e|ed|ement|ence|ent|er|ful|i|ible|ic|ing|ion|ism|ist|ive|ize|l|less"
    r"|li|ly|ment|nce|nci|ness|or|ous|s|y)+$|[^a-z].*"
)
"""Words that a stemmer may change; other endings in Latin letters stay."""
_POSSESSIVE = re.compile(r"['’]s?$")  # noqa: RUF001 - typographic apostrophe


@dataclass(frozen=True, slots=True)
class Typos:
    """Words of a question that no memory contains, each with its candidates and their terms.

    Those in `known_words` are words of the embedding model, which may be replaced by a name only.
    """

    candidates: Mapping[str, Mapping[str, str]]
    known_words: frozenset[str] = frozenset()

    @classmethod
    def among(cls, unknown: Collection[str], has_word: Callable[[str], bool]) -> Typos:
        """Return folded words as typos; no typos if there are too many."""
        if len(unknown) > _MAX_WORDS:
            return cls({})
        known = frozenset(word for word in unknown if _is_word(word, has_word))
        return cls({word: _candidates(word) for word in unknown}, known)

    @property
    def spellings(self) -> dict[str, str]:
        """All candidates for the words, each with the term by which memories are found."""
        return {one: term for near in self.candidates.values() for one, term in near.items()}

    def corrected(self, text: str, held_by: Mapping[str, int]) -> str:
        """Replace each typo in a text by its likeliest candidate.

        `held_by` is the number of memories with each term, and with each key of a name.
        """
        text = normalized(text)
        for word in reversed(list(words_of(text))):
            if word.spelling in self.candidates:
                text = _replaced(text, word, self._likeliest(word.spelling, held_by))
        return text

    def _likeliest(self, word: str, held_by: Mapping[str, int]) -> str:
        """Return a name, else a word with the same beginning, else the most frequent word."""
        names = known_names(held_by)
        terms = {} if word in self.known_words else dict(held_by)
        known: dict[str, int] = {}
        for spelling, term in self.candidates[word].items():
            times = terms.pop(term, 0)  # of spellings with one term the first is meant
            if spelling in names:
                of_name = (held_by.get(prefix + spelling, 0) for prefix in (BY_PREFIX, TO_PREFIX))
                times = max(times, *of_name)
            if times:
                known[spelling] = times

        def likelihood(spelling: str) -> tuple[bool, bool, int]:
            return spelling in names, spelling[0] == word[0], known[spelling]

        return max(known, key=likelihood, default=word)


def name_terms(
    possible: PossibleNames, topic: Collection[str], has_word: Callable[[str], bool]
) -> dict[str, str | None]:
    """Return the words that may be names, each with its term of the topic if it may be a typo.

    The term is None for a short word, one with signs, and one that the model knows without a
    capital.
    """
    return {
        word: term
        if len(word) >= _MIN_LETTERS
        and _alphabet_of(word)
        and (term := stem_of(word)) in topic
        and (word in possible.capitals or not _is_word(word, has_word))
        else None
        for word in possible.guesses
    }


def known_names(held_by: Mapping[str, int]) -> frozenset[str]:
    """Return the names among keys of the index, given how many memories contain each key."""
    spoken = (key.removeprefix(BY_PREFIX) for key in held_by if key.startswith(BY_PREFIX))
    called = (
        key.removeprefix(TO_PREFIX)
        for key, times in held_by.items()
        if key.startswith(TO_PREFIX) and times >= MIN_CALLS
    )
    return frozenset((*spoken, *called))


def _is_word(word: str, has_word: Callable[[str], bool]) -> bool:
    """Return whether a model knows a word, or the word without its ending."""
    return has_word(word) or has_word(stem_of(word))


def _replaced(text: str, word: Word, meant: str) -> str:
    """Replace a word by another one, with its capital and what follows its apostrophe."""
    old = text[word.starts_at : word.ends_at]
    ending = _POSSESSIVE.search(old)
    new = meant.capitalize() if old[0].isupper() else meant
    return text[: word.starts_at] + new + (ending[0] if ending else "") + text[word.ends_at :]


def _candidates(word: str) -> dict[str, str]:
    """Return all words one edit away, each with its term; swapped letters come first."""
    stem = stem_of(word)
    shared = next(
        (at for at, pair in enumerate(zip(word, stem, strict=False)) if len({*pair}) > 1), len(stem)
    )
    inflection = _inflection(word)
    before = min(len(word) - len(inflection), shared)
    # To stem all of them takes long: an edit well before the end changes nothing in the ending.
    early = min(len(word) - _ENDING_LETTERS, shared - 1)
    near: dict[str, str] = {}

    def add(at: int, begins: Iterable[str], *rests: str) -> None:
        """Add words that go on with parts of the word, after an edit there."""
        ends = [(rest, rest[: len(rest) - len(word) + shared] + stem[shared:]) for rest in rests]
        for begin, (rest, ending) in product(begins, ends):
            spelling = begin + rest
            if at < early:
                near[spelling] = begin + ending
            elif not (found := _inflection(spelling)):
                near[spelling] = spelling
            elif found == inflection and at + 1 < before:
                near[spelling] = begin + ending
            else:
                near[spelling] = stem_of(spelling)

    for at in range(len(word) - 1):
        add(at, (word[:at] + word[at + 1] + word[at],), word[at + 2 :])
    for at in range(len(word)):
        add(at, (word[:at],), word[at + 1 :])
    for at in range(len(word) + 1):
        begins = [word[:at] + letter for letter in _alphabet_of(word)]
        add(at, begins, word[at:], word[at + 1 :])
    return near


def _inflection(word: str) -> str:
    found = _INFLECTED.search(word)
    return found[0] if found else ""


def _alphabet_of(word: str) -> str:
    return next((letters for letters in _ALPHABETS if set(word) <= set(letters)), "")
