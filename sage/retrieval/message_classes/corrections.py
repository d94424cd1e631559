"""Recognize corrections of a statement: "No, db9.", "I meant db9", 更正, "db9, not db7"."""

# ruff: noqa: RUF001 - other scripts have marks of their own

from __future__ import annotations

import re
from enum import IntEnum
from typing import TYPE_CHECKING, NamedTuple

from sage.retrieval.message_classes.acknowledgements import only_acknowledges
from sage.retrieval.message_classes.correction_patterns import (
    BEGINS_CORRECTING,
    BUT,
    CALLED,
    DENIES_THAT,
    MARKER,
    MAY_CONTRAST,
    NO_THING,
    NOT,
    NOTS,
    PLACES,
    POINTS,
    SAYS_MORE,
    SAYS_OF_IT,
    SENDS_AWAY,
)
from sage.retrieval.message_classes.values import (
    ValueKind,
    may_replace_value,
    names_only_figures,
    shape_of,
    value_kind_of,
)
from sage.retrieval.query.value_patterns import WIDE
from sage.retrieval.text.sentences import sentences_in
from sage.retrieval.text.stopwords import CHINESE_PARTICLES, NEGATIONS, QUESTION_WORDS
from sage.retrieval.text.words import grams_of, stem_of, terms_in, words_of

if TYPE_CHECKING:
    from collections.abc import Iterator

MAX_CHARS_OF_A_CORRECTION = 300
_MAX_CHARS = 240
_MAX_CHARS_REPLACED = 300
"""A statement up to this length makes one point, to which an unspecific correction applies."""
_MAX_WORDS = 4
_MAX_WIDE_CHARS = 8
_MAX_MARKERS = 4
_MAX_NEW = 2
_HALF = 2


class _How(IntEnum):
    """How a correcting text begins, the least explicit last."""

    CONTRASTS = 0
    TAKES_BACK = 1
    DENIES = 2
    MEANS = 3


_TOKEN = re.compile(r"[A-Za-z0-9À-ɏЀ-ӿ]+(?:[-_.:/@][A-Za-z0-9À-ɏЀ-ӿ]+)*")
_DIGITS = re.compile(r"\d+")


class ParsedCorrection(NamedTuple):
    """The parts of a correction: what it states, and what it withdraws, if it names that.

    `new` is its first sentence, without the marker and without the withdrawn part. A bare
    correction names the right `thing` and states nothing else.
    """

    how: _How
    new: str
    olds: frozenset[str]
    thing: str

    @property
    def is_bare(self) -> bool:
        """Whether it names the right thing and states nothing about it."""
        return bool(self.thing)

    @property
    def is_bare_figure(self) -> bool:
        """Whether it names a number, without what that counts."""
        return self.is_bare and value_kind_of(self.thing) is ValueKind.FIGURE

    @property
    def is_explicit(self) -> bool:
        """Whether it is worded as a correction even where it may answer another question."""
        return self.how is _How.MEANS

    @property
    def is_denial(self) -> bool:
        """Whether it denies what the other side said."""
        return self.how is _How.DENIES

    def replaced_in(self, statement: str) -> frozenset[str]:
        """Return the words of a statement that are replaced, as far as they are known."""
        there, said = _tokens(statement), _tokens(self.new)
        if named := self.olds & (there | terms_in(statement)):
            return named if self._is_about(statement) else frozenset()
        if self.how is _How.CONTRASTS:
            return frozenset()
        if self.is_bare and not _counts_alike(self.thing, statement):
            return frozenset()
        shapes = {shape_of(one) for one in said - there if _DIGITS.search(one)}
        alike = {one for one in there - said if _DIGITS.search(one) and shape_of(one) in shapes}
        if self.is_bare or _content(self.new) & _content(statement):
            return frozenset(alike if self.is_bare else filter(_names, alike))
        return frozenset()

    def says_the_same_but_one(self, statement: str) -> bool:
        """Return whether it repeats a sentence of a statement with one part replaced."""
        if self.how is _How.CONTRASTS or self.is_bare:
            return False
        said, subject = _content(self.new), _first_content(self.new)
        for sentence in sentences_in(statement[:_MAX_CHARS_REPLACED]):
            there = _content(sentence)
            shared = len(said & there)
            if subject in there and shared < min(len(said), len(there)):
                is_half = _HALF * shared >= max(len(said), len(there))
                if is_half and len(said) - shared <= _MAX_NEW:
                    return True
        return False

    def may_follow(self, statement: str) -> bool:
        """Return whether it may correct the statement before it without repeating any of it."""
        if self.how not in {_How.DENIES, _How.MEANS} or not self.is_bare or not self.new:
            return False
        has_figure = _DIGITS.search(self.new) is not None
        return len(statement) <= _MAX_CHARS_REPLACED and (
            not has_figure or _DIGITS.search(statement) is not None
        )

    def fits(self, statement: str, asked: str = "") -> bool:
        """Return whether it may correct a statement although others are in between.

        It may if the statement names a thing of the same kind, apart from the question it answers.
        A mere denial applies to the last statement, unless it denies a day, a number ("it has 8"),
        or a name that looks like one.
        """
        kind = value_kind_of(self.thing) if self.thing else None
        if kind is None or len(statement) > _MAX_CHARS_REPLACED:
            return False
        pointer = self.new.removesuffix(self.thing).lower()
        if kind is not ValueKind.DAY and (len(self.thing.split()) > 1 or PLACES.search(pointer)):
            return False
        is_said = self.how is _How.MEANS or CALLED.search(self.new) is not None
        is_clear = kind is ValueKind.DAY or _is_copula(pointer) or kind.is_name
        return (is_said or (self.how is _How.DENIES and is_clear)) and may_replace_value(
            self.thing, statement, asked
        )

    def is_of_another_kind(self, answer: str, asked: str) -> bool:
        """Return whether it names a person or thing where an answer names a number."""
        return (
            bool(self.thing)
            and value_kind_of(self.thing).is_name
            and names_only_figures(answer, asked)
        )

    def _is_about(self, statement: str) -> bool:
        """Return whether it repeats what a statement says, apart from what it replaces."""
        if self.how is not _How.CONTRASTS or self.is_bare:
            return True
        said = _content(self.new)
        shared = said & _content(statement)
        return _HALF * len(shared) >= len(said) and len(said - shared) <= _MAX_NEW


def corrects(text: str, answer: str = "", asked: str = "") -> bool:
    """Return whether the beginning of a text says that an earlier statement is wrong.

    A text that names a person does not correct an answer that is a number.
    """
    if len(text) > MAX_CHARS_OF_A_CORRECTION or BEGINS_CORRECTING.match(text) is None:
        return False
    found = correction_in(text)
    return found is None or not found.is_of_another_kind(answer, asked)


def correction_in(text: str) -> ParsedCorrection | None:
    """Return the correction that a text makes by its words alone, None without one."""
    if len(text) > _MAX_CHARS:
        return None
    marker = MARKER.match(text)
    if marker is None and not _may_contrast(text):
        return None
    how, at = _How.CONTRASTS, 0
    for _ in range(_MAX_MARKERS):
        if marker is None:
            break
        how = max(how, _how_of(marker))
        at = marker.end()
        marker = MARKER.match(text, at)
    rest = text[at:].strip(" \t\n,.:;!—–-，。：；！、*")
    if not rest or SENDS_AWAY.search(rest) or only_acknowledges(rest):
        return None
    olds = frozenset(_olds_in(rest))
    if how is _How.CONTRASTS and not olds:
        return None
    new = next(sentences_in(NOT.sub(" ", rest)), "")
    new = BUT.sub("", new).strip(" ,.:;!—–-，。：；！、")
    is_plain = how is _How.MEANS or DENIES_THAT.match(text) is not None
    return ParsedCorrection(how, new, olds, _thing_in(new, is_plain=is_plain))


def _may_contrast(text: str) -> bool:
    """Return whether a text may contrast what is with what is not; a cheap test that few pass."""
    folded = text.lower()
    return any(map(folded.__contains__, NOTS)) and MAY_CONTRAST.search(folded) is not None


def may_correct(text: str) -> bool:
    """Return whether a text is a correction by its words alone."""
    return correction_in(text) is not None


def only_names(text: str) -> bool:
    """Return whether a correction names the right thing without saying what it is about."""
    found = correction_in(text)
    return found is not None and found.is_bare


def _how_of(marker: re.Match[str]) -> _How:
    if marker["means"]:
        return _How.MEANS
    return _How.DENIES if marker["denies"] else _How.TAKES_BACK


def _olds_in(text: str) -> Iterator[str]:
    for found in NOT.finditer(text):
        for old in filter(None, found.groupdict().values()):
            yield from _content(old)
            yield from _tokens(old) - QUESTION_WORDS - NEGATIONS


def _thing_in(new: str, *, is_plain: bool) -> str:
    """Return the thing that a text names if it states nothing else, otherwise an empty text.

    Only if it is plainly a correction does "it is elm" name a thing; "it's fine" never does.
    """
    points = POINTS.match(new)
    pointer = points.group() if points else ""
    thing = new[len(pointer) :]
    if not thing or WIDE.search(thing):
        is_short = len(WIDE.findall(thing)) <= _MAX_WIDE_CHARS
        return (thing or new) if is_short and not SAYS_MORE.search(thing) else ""
    words = thing.split()
    if len(words) > _MAX_WORDS or words[0].lower().strip(".,!") in NO_THING:
        return ""
    if SAYS_OF_IT.search(thing) or len(_content(thing)) > _MAX_NEW:
        return ""
    if any(_DIGITS.search(one) or one[:1].isupper() or "_" in one for one in words):
        return thing
    is_named = CALLED.search(pointer) is not None or (is_plain and len(words) == 1)
    is_thing = len(words) < _MAX_WORDS and (is_named or not _is_copula(pointer))
    return thing if is_thing else ""


def _is_copula(pointer: str) -> bool:
    """Return whether a pronoun and its verb introduce a state: "it's fine" names nothing."""
    return (
        pointer.strip().lower().endswith(("'s", " is", " was", " has", "ist", "war", "hat", "its"))
    )


def _content(text: str) -> frozenset[str]:
    """Return the content terms of a text."""
    return frozenset(terms_in(text) - _EMPTY)


def _first_content(text: str) -> str:
    """Return the first content term of a text, empty without one."""
    terms = (grams_of(word.term) if word.run else ((0, word.term),) for word in words_of(text))
    return next((term for found in terms for _, term in found if term not in _EMPTY), "")


def _tokens(text: str) -> frozenset[str]:
    return frozenset(one.lower() for one in _TOKEN.findall(text))


def _counts_alike(thing: str, statement: str) -> bool:
    """Return whether two numbers count the same; any name may replace another."""
    return value_kind_of(thing) is not ValueKind.FIGURE or may_replace_value(thing, statement)


def _names(token: str) -> bool:
    return any(char.isalpha() for char in token)


_EMPTY = (
    frozenset(map(stem_of, QUESTION_WORDS | NEGATIONS))
    | QUESTION_WORDS
    | NEGATIONS
    | CHINESE_PARTICLES
)
