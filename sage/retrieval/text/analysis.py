"""Split a text once for all comparisons: its content, its pieces, its terms."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cached_property, lru_cache
from typing import TYPE_CHECKING, NamedTuple

from sage.retrieval.text.lexemes import query_of
from sage.retrieval.text.simplified_chinese import simplified
from sage.retrieval.text.stopwords import (
    NEGATIONS,
    QUESTION_WORDS,
    UNSPACED_NEGATION,
    UNSPACED_QUESTION_WORDS,
)
from sage.retrieval.text.words import normalized, other_spellings, words_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from sage.retrieval.text.words import Word

NEGATION = "!"
_NOT = (NEGATION,)
_CACHED_TEXTS = 512
_ELIDED_NOT = re.compile(r"n['’]", re.IGNORECASE)  # noqa: RUF001 - typographic apostrophe
_STARTS_SENTENCE = re.compile(r"(?:\A|[.!?¿¡:。！？：\n\"“(])\s*\Z")  # noqa: RUF001 - CJK marks


class TextUnit(NamedTuple):
    """A word, or a character of a script without spaces; all words that only ask are equal."""

    term: str
    starts_at: int
    ends_at: int


class Content(NamedTuple):
    """The content of one word: its term, NOT if it denies, or the runs of an unspaced script."""

    terms: Sequence[str]
    runs: Sequence[str]


@dataclass(frozen=True)
class AnalyzedText:
    """A text in the form in which it is compared, in simplified characters, with its words.

    Its other parts are computed on first use. Question words, politeness and articles are no
    content; numbers, names and negations are.
    """

    source: str
    text: str
    words: tuple[Word, ...]

    @cached_property
    def content(self) -> frozenset[str]:
        """The terms of the content words, with NOT if anything is denied."""
        return self._content[0]

    @cached_property
    def runs(self) -> tuple[str, ...]:
        """The content in scripts without spaces, as contiguous runs."""
        return self._content[1]

    @cached_property
    def spelt(self) -> frozenset[str]:
        """The content with other spellings of all words."""
        return self.content.union(other_spellings(self.text, self.words))

    @cached_property
    def pairs(self) -> frozenset[str]:
        """The characters of the runs, and each pair of adjacent ones."""
        joined = "".join(self.runs)
        return frozenset((*joined, *(joined[at : at + 2] for at in range(len(joined) - 1))))

    @cached_property
    def pieces(self) -> tuple[TextUnit, ...]:
        """The pieces of the text in order; of consecutive words that only ask, only the first."""
        pieces: list[TextUnit] = []
        for word in self.words:
            if word.run:
                pieces.extend(_pieces_of_run(word))
            else:
                term = "" if word.spelling in QUESTION_WORDS else word.term
                pieces.append(TextUnit(term, word.starts_at, word.ends_at))
        return tuple(
            piece
            for place, piece in enumerate(pieces)
            if piece.term or not place or pieces[place - 1].term
        )

    @cached_property
    def terms(self) -> frozenset[str]:
        """The terms by which the text would be searched, without those of its dates."""
        terms = query_of(self.source, words=self.words).terms
        return frozenset(term for term in terms if not term.startswith("@"))

    @cached_property
    def _content(self) -> tuple[frozenset[str], tuple[str, ...]]:
        terms: set[str] = set()
        runs: list[str] = []
        for of_word, runs_of_word in _content_of(self.text, self.words):
            terms.update(of_word)
            runs.extend(runs_of_word)
        return frozenset(terms), tuple(runs)


@lru_cache(_CACHED_TEXTS)
def analyze(text: str) -> AnalyzedText:
    """Split a text into words; equal texts share one cached object."""
    compared = simplified(normalized(text))
    return AnalyzedText(text, compared, tuple(words_of(compared)))


def each_content(text: str) -> Iterator[Content]:
    """Yield the content of each content word of a text.

    Together they are those of `analyze`, for whoever needs only the first few.
    """
    compared = simplified(normalized(text))
    return _content_of(compared, words_of(compared))


def _content_of(text: str, words: Iterable[Word]) -> Iterator[Content]:
    may_elide = _ELIDED_NOT.search(text) is not None
    for word in words:
        if word.run:
            rest = UNSPACED_QUESTION_WORDS.sub(" ", word.spelling)
            yield Content(_NOT if UNSPACED_NEGATION.search(rest) else (), rest.split())
        elif word.spelling in NEGATIONS or (may_elide and _ELIDED_NOT.match(text, word.starts_at)):
            yield Content(_NOT, ())
        elif word.spelling not in QUESTION_WORDS or _is_name(text, word.starts_at):
            yield Content((word.term,), ())


def _pieces_of_run(word: Word) -> list[TextUnit]:
    pieces: list[TextUnit] = []
    asking = [match.span() for match in UNSPACED_QUESTION_WORDS.finditer(word.spelling)]
    at = 0
    for begins, ends in (*asking, (len(word.spelling), len(word.spelling))):
        for offset in range(at, begins):
            start = word.starts_at + offset
            pieces.append(TextUnit(word.spelling[offset], start, start + 1))
        if ends > begins:
            pieces.append(TextUnit("", word.starts_at + begins, word.starts_at + ends))
        at = ends
    return pieces


def _is_name(text: str, at: int) -> bool:
    """Return whether a word that could be a function word is written as a name."""
    if not text[at].isupper() or text[at : at + 2] in {"I ", "I'", "I’"}:  # noqa: RUF001
        return False
    return not _STARTS_SENTENCE.search(text[max(0, at - 8) : at])
