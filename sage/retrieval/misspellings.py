"""What a word that nobody used was meant to be: a known one, a slip of the finger away.

A slip is one letter too many, too few or wrong, or two letters exchanged. The words a slip away are
looked up in the index, so that no list of words is kept: names by their terms too, since what holds
the key of a name holds its term.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

from sage.retrieval.names import BY_PREFIX, MIN_CALLS, TO_PREFIX
from sage.retrieval.words import normalized, stem_of, words_of

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterator, Mapping

    from sage.retrieval.names import PossibleNames
    from sage.retrieval.words import Word

_MOST_WORDS = 4
"""A question with more unknown words is in another language, or holds what was pasted."""
_FEWEST_LETTERS = 4
_ENDING_LETTERS = 4
_ALPHABETS = ("abcdefghijklmnopqrstuvwxyz", "абвгдежзийклмнопрстуфхцчшщъыьэюя")
_INFLECTED = re.compile(
    r"(?:able|al|ance|ant|ate|ator|e|ed|ement|ence|ent|er|ful|i|ible|ic|ing|ion|ism|ist|ive|ize|l|less"
    r"|li|ly|ment|nce|nci|ness|or|ous|s|y)+$|[^a-z].*"
)
"""What a stemmer may change; other endings in Latin letters stay."""
_POSSESSIVE = re.compile(r"['’]s?$")  # noqa: RUF001 - typographic apostrophe


class Spelling(NamedTuple):
    """A word as it is spelled and the term that memories are found by which hold it."""

    spelling: str
    term: str


@dataclass(frozen=True, slots=True)
class Slips:
    """Words of a question that nobody used, each with the keys near it and their spellings."""

    near: Mapping[str, Mapping[str, Spelling]]

    @classmethod
    def among(cls, unknown: Collection[str], has_word: Callable[[str], bool]) -> Slips:
        """Return folded words as slips, none of them where there are too many.

        In the place of a word that the model has only a name may be meant.
        """
        if len(unknown) > _MOST_WORDS:
            return cls({})
        near = {word: _near(word) for word in unknown}
        for word in (word for word in unknown if _is_word(word, has_word)):
            near[word] = {key: meant for key, meant in near[word].items() if key[0] == "@"}
        return cls(near)

    @property
    def keys(self) -> dict[str, str]:
        """The keys near any of the words, each with a term that every memory with it holds."""
        return {key: meant.term for near in self.near.values() for key, meant in near.items()}

    def mended(self, text: str, held_by: Mapping[str, int]) -> str:
        """Replace the words in a text by what they were meant to be.

        `held_by` tells how many memories hold each key.
        """
        names = names_in(held_by)
        text = normalized(text)
        for word in reversed(list(words_of(text))):
            if near := self.near.get(word.spelling):
                known = {
                    key: times
                    for key, times in held_by.items()
                    if key in near and (near[key].spelling in names or key[0] != "@")
                }
                text = _replaced(text, word, _likeliest(word.spelling, near, known, names))
        return text


def terms_of(
    possible: PossibleNames, topic: Collection[str], has_word: Callable[[str], bool]
) -> dict[str, str | None]:
    """Return the words that may be names, each with its term of the topic if it may be a slip.

    That is none of a short word, one with signs, or one that the model has and without a capital.
    """
    return {
        word: term
        if len(word) >= _FEWEST_LETTERS
        and _alphabet_of(word)
        and (term := stem_of(word)) in topic
        and (word in possible.capitals or not _is_word(word, has_word))
        else None
        for word in possible.guesses
    }


def names_in(held_by: Mapping[str, int]) -> frozenset[str]:
    """Return the names among keys of the index, which so many memories hold each."""
    spoken = (key.removeprefix(BY_PREFIX) for key in held_by if key.startswith(BY_PREFIX))
    called = (
        key.removeprefix(TO_PREFIX)
        for key, times in held_by.items()
        if key.startswith(TO_PREFIX) and times >= MIN_CALLS
    )
    return frozenset((*spoken, *called))


def _is_word(word: str, has_word: Callable[[str], bool]) -> bool:
    """Return whether a model has a word, or what is left of it without its ending."""
    return has_word(word) or has_word(stem_of(word))


def _likeliest(
    word: str, near: Mapping[str, Spelling], known: Mapping[str, int], names: Collection[str]
) -> str:
    """Choose a name, else a word with the same beginning, else the one that is used most."""

    def likelihood(key: str) -> tuple[bool, bool, int]:
        spelling = near[key].spelling
        return spelling in names, spelling[0] == word[0], known[key]

    best = max(known, key=likelihood, default=None)
    return word if best is None else near[best].spelling


def _replaced(text: str, word: Word, meant: str) -> str:
    """Write another word in the place of one, with its capital and what follows its apostrophe."""
    old = text[word.starts_at : word.ends_at]
    ending = _POSSESSIVE.search(old)
    new = meant.capitalize() if old[0].isupper() else meant
    return text[: word.starts_at] + new + (ending[0] if ending else "") + text[word.ends_at :]


def _near(word: str) -> dict[str, Spelling]:
    """Return the keys of all words and names a slip away, each with the spelling it is a key of."""
    alphabet = _alphabet_of(word)
    stem = stem_of(word)
    shared = next(
        (at for at, pair in enumerate(zip(word, stem, strict=False)) if len({*pair}) > 1), len(stem)
    )
    ending, stem_ending = word[shared:], stem[shared:]
    inflection = _inflection(word)
    before = len(word) - len(inflection)
    keys: dict[str, Spelling] = {}
    for at, spelling in _a_slip_away(word, alphabet):
        # To stem all of them takes long: a slip well before the end changes nothing in the ending.
        if at < min(len(word) - _ENDING_LETTERS, shared - 1):
            term = spelling.removesuffix(ending) + stem_ending
        elif not (found := _inflection(spelling)):
            term = spelling
        elif found == inflection and at + 1 < min(before, shared):
            term = spelling.removesuffix(ending) + stem_ending
        else:
            term = stem_of(spelling)
        meant = Spelling(spelling, term)
        keys[BY_PREFIX + spelling] = keys[TO_PREFIX + spelling] = meant
        keys.setdefault(term, meant)
    return keys


def _inflection(word: str) -> str:
    found = _INFLECTED.search(word)
    return found[0] if found else ""


def _alphabet_of(word: str) -> str:
    return next((letters for letters in _ALPHABETS if set(word) <= set(letters)), "")


def _a_slip_away(word: str, alphabet: str) -> Iterator[tuple[int, str]]:
    """Yield what was meant and where the slip is; exchanged letters come first."""
    for at in range(len(word) - 1):
        yield at, word[:at] + word[at + 1] + word[at] + word[at + 2 :]
    for at in range(len(word)):
        yield at, word[:at] + word[at + 1 :]
    for at in range(len(word) + 1):
        for letter in alphabet:
            yield at, word[:at] + letter + word[at:]
            yield at, word[:at] + letter + word[at + 1 :]
