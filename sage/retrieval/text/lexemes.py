"""The lexical index: the terms by which a memory is found, in any language.

A memory becomes the text of a Postgres `tsvector`: weight D contains the words of the message,
weight A the speaker's name and keys for what a question may ask besides words (dates, names,
traits, stated preferences and decisions; they begin with @, which no word does). A question is
split by the same rules, so that both always match, on stock Postgres, without any dictionary of the
server. Limits of a tsvector: https://www.postgresql.org/docs/current/textsearch-limits.html
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC
from functools import lru_cache
from typing import TYPE_CHECKING

from sage.retrieval.text.dates import NamedDate, dates_in, split_dates
from sage.retrieval.text.names import called_keys, speaker_keys
from sage.retrieval.text.stopwords import CHINESE_PARTICLES, CHINESE_STOPWORDS, ENGLISH_STOPWORDS
from sage.retrieval.text.traits import traits_of
from sage.retrieval.text.words import grams_of, normalized, other_spellings, words_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence
    from datetime import date, datetime, tzinfo

    from sage.retrieval.text.words import Word

_MAX_POSITION = 16_383
_MAX_POSITIONS_PER_LEXEME = 255
_MAX_TSVECTOR_BYTES = 960_000  # Postgres: below 2**20, lexemes and positions together
_ENTRY_BYTES = 4
_POSITION_BYTES = 2
MAX_QUERY_TERMS = 64


def tsvector_of(
    content: str,
    name: str | None,
    created_at: datetime,
    stated: Sequence[str] = (),
    *,
    words: Sequence[Word] | None = None,
) -> str:
    """Write the `tsvector` literal of a memory, with keys of what it has `stated`.

    `words` are those of the content if it was already split. Of a text with more lexemes than a
    tsvector can contain, those of its beginning are indexed.
    """
    vector = _Vector()
    if name:
        for word in words_of(name):
            for term in _terms_of(word):
                vector.add(term, "A")
    text = normalized(content)
    dates = dates_in(text)
    keys = (
        *_keys_of_day(created_at.astimezone(UTC).date()),
        *(speaker_keys(name) if name else ()),
        *called_keys(content),
        *traits_of(content, dates if content.isascii() else None),
        *stated,
    )
    for key in keys:
        vector.add(key, "A")
    vector.advance()
    words = list(words_of(text)) if words is None else words
    for word in words:
        if word.run:
            vector.add_run(word.spelling)
        else:
            vector.advance()
            vector.add(word.term)
    for term in other_spellings(text, words):
        vector.add(term)
    for date in dates:
        for key in date.indexed_keys:
            vector.add(key)
    return str(vector)


@dataclass(frozen=True, slots=True)
class LexicalQuery:
    """The terms of a question; a memory that contains any of them is a candidate."""

    terms: tuple[str, ...]

    @property
    def tsqueries(self) -> tuple[str, ...]:
        """The literal of a `tsquery` for each term."""
        return tuple(map(_quoted, self.terms))

    @property
    def tsquery(self) -> str:
        """The literal of the `tsquery` that any of the terms satisfies; empty without terms."""
        return tsquery_of(self.terms)


def tsquery_of(terms: Iterable[str]) -> str:
    """Write the literal of the `tsquery` that any of the terms satisfies."""
    return " | ".join(map(_quoted, terms))


def tsquery_of_pairs(terms: Sequence[str], others: Sequence[str]) -> str:
    """Write the literal of the `tsquery` that two terms satisfy, one of them not in `others`.

    It is empty if there are no two. Its length grows little faster than the number of terms.
    """
    pairs = []
    if len(terms) > 1:
        middle = len(terms) // 2
        pairs.append(tsquery_of_pairs(terms[:middle], terms[middle:]))
        pairs.append(tsquery_of_pairs(terms[middle:], ()))
    if terms and others:
        pairs.append(f"({tsquery_of(terms)}) & ({tsquery_of(others)})")
    return " | ".join(filter(None, pairs))


def query_of(
    question: str,
    days: Sequence[NamedDate] = (),
    timezone: tzinfo = UTC,
    *,
    words: Sequence[Word] | None = None,
) -> LexicalQuery:
    """Return the terms by which a question is searched, without words that carry no topic.

    `days` are the relative dates it means in addition to the dates it names; all are days of
    `timezone`. `words` are those of the question if it was already split.

    A question of such words alone keeps them. Of very many terms those of its beginning and its end
    remain: the actual question stands before or after pasted text.
    """
    dates, undated = split_dates(question)
    topical = [key for date in (*days, *dates) for key in date.asked_keys(timezone)]
    empty: list[str] = []
    if words is None or dates:
        words = list(words_of(undated))
    for word in words:
        if word.run and len(word.spelling) > 1:
            for _, gram in grams_of(word.spelling):
                if len(gram) > 1:
                    (empty if _is_stop_gram(gram) else topical).append(gram)
        else:
            is_stop = word.spelling in ENGLISH_STOPWORDS or word.spelling in CHINESE_PARTICLES
            (empty if is_stop else topical).append(word.term)
    topical.extend(other_spellings(undated, words))
    return LexicalQuery(_ends_of(tuple(dict.fromkeys(topical or empty))))


def _ends_of(terms: tuple[str, ...]) -> tuple[str, ...]:
    half = MAX_QUERY_TERMS // 2
    return terms if len(terms) <= MAX_QUERY_TERMS else terms[:half] + terms[-half:]


def _is_stop_gram(gram: str) -> bool:
    return gram in CHINESE_STOPWORDS or not CHINESE_PARTICLES.isdisjoint(gram)


def _terms_of(word: Word) -> Iterator[str]:
    if word.run:
        yield from (gram for _, gram in grams_of(word.spelling))
    else:
        yield word.term


@lru_cache
def _keys_of_day(day: date) -> tuple[str, ...]:
    return NamedDate.of_day(day).indexed_keys


class _Vector:
    """Lexemes with their positions, within the limits of a tsvector."""

    def __init__(self) -> None:
        self._positions: dict[str, list[str]] = {}
        self._position = 1
        self._size_bytes = 0

    def advance(self) -> None:
        if self._position < _MAX_POSITION:
            self._position += 1

    def add_run(self, run: str) -> None:
        """Add each character at a position of its own, and with it the pair that it begins."""
        for offset, char in enumerate(run):
            self.advance()
            self.add(char)
            if offset + 1 < len(run):
                self.add(run[offset : offset + 2])

    def add(self, term: str, weight: str = "") -> None:
        place = f"{self._position}{weight}"
        positions = self._positions.get(term)
        if positions is None:
            length = len(term) if term.isascii() else len(term.encode())
            cost = length + 1 + _ENTRY_BYTES + 2 * _POSITION_BYTES
            if self._size_bytes + cost > _MAX_TSVECTOR_BYTES:
                return
            self._size_bytes += cost
            self._positions[term] = [place]
        elif (
            positions[-1] != place
            and len(positions) < _MAX_POSITIONS_PER_LEXEME
            and self._size_bytes + _POSITION_BYTES <= _MAX_TSVECTOR_BYTES
        ):
            self._size_bytes += _POSITION_BYTES
            positions.append(place)

    def __str__(self) -> str:
        return " ".join(
            [f"{_quoted(term)}:{','.join(places)}" for term, places in self._positions.items()]
        )


def _quoted(term: str) -> str:
    if "\\" in term or "'" in term:
        term = term.replace("\\", "\\\\").replace("'", "''")
    return f"'{term}'"
