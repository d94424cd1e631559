"""Split text of any language into the words by which it is searched.

Scripts with spaces between words give stemmed words; scripts without (Han, kana, Hangul, Thai, Lao,
Khmer, Burmese) give overlapping pairs of characters, and single ones. Hangul has spaces, but
attaches particles to its nouns, so that pairs find more than words.

Some words are written together, apart, or with a hyphen or other joint: e-mail is email, de-stress
destress, get_user_name getUserName, iPhone15 iPhone 15, 16GB 16 GB. So memories and questions
contain, besides the parts of a joined word, the joined parts, and besides a word of letters and a
number, both of them alone.
"""

from __future__ import annotations

import re
import threading
import unicodedata
from functools import lru_cache
from operator import add
from typing import TYPE_CHECKING, NamedTuple, Protocol, cast

import Stemmer

from sage.retrieval.text.simplified_chinese import simplified
from sage.retrieval.text.stopwords import ENGLISH_STOPWORDS

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

MAX_WORD_CHARS = 64
_KEPT_CHARS = 3
"""Stemming replaces the end of a word: of a longer stem, this many are those of the word."""

_UNSPACED = (
    "\u0e00-\u0eff"  # Thai, Lao
    "\u1000-\u109f"  # Burmese
    "\u1100-\u11ff\ua960-\ua97f\uac00-\ud7ff"  # Hangul
    "\u1780-\u17ff"  # Khmer
    "\u3005-\u3007\u3040-\u30ff\u31f0-\u31ff"  # kana
    "\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U0003ffff"  # Han
)
_LETTER = rf"[^\W_{_UNSPACED}]"


def _number_or_word(letter: str) -> str:
    return (
        r"(?P<number>\d++(?:(?:,\d{3}(?!\d))++(?:[.:]\d++)*+|(?:[.:]\d++)++|(?![^\W\d_])))"
        rf"|(?P<word>{letter}+(?:['’]{letter}+)*(?:\+\+|\#)?)"  # noqa: RUF001 - typographic apostrophe
    )


_PIECE = re.compile(
    rf"(?P<run>[{_UNSPACED}]+)"
    rf"|{_number_or_word(_LETTER)}"
    r"|(?P<sign>[\u2600-\u27bf\U0001f300-\U0001faff])"
)
_ASCII_PIECE = re.compile(_number_or_word(r"[^\W_]"), re.ASCII)
"""Equivalent to _PIECE for ASCII, in half the time."""

_POSSESSIVE = re.compile(r"['’]s?$")  # noqa: RUF001 - typographic apostrophe
_APOSTROPHE = re.compile(r"['’]")  # noqa: RUF001 - typographic apostrophe
_LATIN_OR_GREEK = re.compile(r"^[\u0000-\u03ff\u1e00-\u1fff]+$")
_STEMMER_BY_SCRIPT = (
    (re.compile(r"[a-z]"), "english"),
    (re.compile(r"[\u0370-\u03ff]"), "greek"),
    (re.compile(r"[\u0400-\u052f]"), "russian"),
    (re.compile(r"[\u0530-\u058f]"), "armenian"),
    (re.compile(r"[\u0600-\u06ff]"), "arabic"),
    (re.compile(r"[\u0900-\u097f]"), "hindi"),
    (re.compile(r"[\u0b80-\u0bff]"), "tamil"),
)
JOINTS = frozenset("-_&\u2010\u2011")
HEXADECIMAL_ID = re.compile(
    r"(?<![0-9a-z])(?:[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}"
    r"|(?=[0-9]*[a-f])(?=[a-f]*[0-9])(?![a-f]+(?:1[89]|20)\d\d(?![0-9a-z]))[0-9a-f]{7,})(?![0-9a-z])",
    re.IGNORECASE,
)
"""A commit or a UUID; `dec2019` is a month and a year."""
_LETTERS_AND_NUMBER = re.compile(r"([a-z]{2,})(\d+)|(\d+)([a-z]{2,})")
_stemming = threading.Lock()


class _Stemmer(Protocol):
    def stemWord(self, word: str) -> str: ...  # noqa: N802 - the name PyStemmer gives it


class Word(NamedTuple):
    """A word as it is indexed, its folded spelling, and its position.

    `starts_at` and `ends_at` count characters of the NFKC form of the text, any 's included. A
    `run` is a stretch of a script without spaces; it is indexed by `grams_of`.
    """

    term: str
    spelling: str
    starts_at: int
    ends_at: int
    run: bool = False


def normalized(text: str) -> str:
    """Normalize text that looks equal to one form (Unicode NFKC)."""
    return unicodedata.normalize("NFKC", text)


def caseless(text: str) -> str:
    """Return a text in lower case, with every letter that `re.IGNORECASE` would match."""
    if text.isascii():
        return text.lower()
    return text.casefold().replace("i\u0307", "i").replace("\u0131", "i")


def words_of(text: str) -> Iterator[Word]:
    """Yield the words of `text` in order; equal text always gives equal words.

    Chinese ones come in simplified characters.
    """
    text = simplified(normalized(text))
    for piece in (_ASCII_PIECE if text.isascii() else _PIECE).finditer(text):
        found, kind = piece.group(), piece.lastgroup
        if kind == "word":
            read = term_and_spelling if len(found) <= MAX_WORD_CHARS else _read_word
            term, spelling = read(found)
        elif kind == "run":
            term = spelling = found.casefold()
        else:
            term = spelling = found.casefold().replace(",", "")[:MAX_WORD_CHARS]
        # With Word(...), all of this would take a sixth longer.
        yield tuple.__new__(Word, (term, spelling, *piece.span(), kind == "run"))


def _read_word(found: str) -> tuple[str, str]:
    """Return the term and the folded spelling of a word as it stands in a text."""
    spelling = found.casefold()
    if not spelling.isalnum():
        spelling = _APOSTROPHE.sub("", _POSSESSIVE.sub("", spelling))
    spelling = spelling[:MAX_WORD_CHARS]
    if not spelling.isascii():
        spelling = _without_accents(spelling)
    return stem_of(spelling), spelling


term_and_spelling = lru_cache(maxsize=16_384)(_read_word)
"""The same for words that are not overlong, remembered: most occur again."""


def grams_of(run: str) -> Iterator[tuple[int, str]]:
    """Yield each character of `run` and each pair of neighbours, with its offset."""
    for offset, char in enumerate(run):
        yield offset, char
        if offset + 1 < len(run):
            yield offset, run[offset : offset + 2]


def terms_in(text: str) -> frozenset[str]:
    """Return the terms that `text` is found by: stems, single characters and pairs of them."""
    return terms_of(words_of(text))


def terms_of(words: Iterable[Word]) -> frozenset[str]:
    """Return the terms that a text of such words is found by."""
    terms: set[str] = set()
    for word in words:
        if word.run:
            run = word.spelling
            terms.update(run, map(add, run, run[1:]))
        else:
            terms.add(word.term)
    return frozenset(terms)


def other_spellings(text: str, words: Iterable[Word]) -> Iterator[str]:
    """Yield the terms by which a text (NFKC) can be searched besides those of its `words`."""
    for spelling in _spellings(text, words):
        if spelling not in ENGLISH_STOPWORDS:
            yield stem_of(spelling)


@lru_cache(maxsize=2_048)
def stem_of(word: str) -> str:
    """Return the stem of a folded word, by the language its script suggests.

    Latin script is stemmed as English: words of other languages lose little by it, and the index
    and the question lose the same.
    """
    for script, language in _STEMMER_BY_SCRIPT:
        if script.search(word):
            with _stemming:
                return _stemmer(language).stemWord(word) or word
    return word


def beginning_of(term: str) -> str:
    """Return letters with which every ASCII spelling of a term begins; empty if not known."""
    return (
        term[:_KEPT_CHARS] if len(term) > _KEPT_CHARS and term.isascii() and term.isalpha() else ""
    )


def _spellings(text: str, words: Iterable[Word]) -> Iterator[str]:
    joined: list[str] = []
    ended_at = 0
    for _, spelling, starts_at, ends_at, run in words:
        if starts_at - ended_at == 1 and text[ended_at] in JOINTS and not run:
            joined.append(spelling)
        else:
            if len(joined) > 1:
                yield from _together(joined)
            joined = [] if run else [spelling]
        # That a word is not mixed is quicker to see than to match.
        mixed = None if spelling.isalpha() else _LETTERS_AND_NUMBER.fullmatch(spelling)
        if mixed and not HEXADECIMAL_ID.fullmatch(spelling):
            yield from filter(None, mixed.groups())
        ended_at = ends_at
    if len(joined) > 1:
        yield from _together(joined)


def _together(parts: list[str]) -> Iterator[str]:
    """Yield joined parts of one word; numbers alone, as in 3-4, make no word."""
    spelling = "".join(parts)[:MAX_WORD_CHARS]
    if not spelling.isdecimal():
        yield spelling


@lru_cache
def _stemmer(language: str) -> _Stemmer:
    return cast("_Stemmer", Stemmer.Stemmer(language, 0))  # without a cache: stem_of has one


def _without_accents(word: str) -> str:
    if not _LATIN_OR_GREEK.match(word):
        return word
    marked = unicodedata.normalize("NFKD", word)
    return unicodedata.normalize(
        "NFC", "".join(char for char in marked if not unicodedata.combining(char))
    )
