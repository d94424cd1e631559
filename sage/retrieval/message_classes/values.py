"""Recognize the kind of thing that a text names, to find what a correction may replace.

A day replaces a day, a number a number, a name a name.
"""

from __future__ import annotations

import re
from enum import Enum, auto
from typing import TYPE_CHECKING

from sage.retrieval.query.value_patterns import (
    FIGURE,
    HAN_LAST_WORD,
    HAN_NAME,
    LAST_WORD,
    LATIN_NAME,
    NAMED_DAY,
    WIDE,
)
from sage.retrieval.text.stopwords import ENGLISH_STOPWORDS

if TYPE_CHECKING:
    from collections.abc import Iterator

_MAX_CHARS = 300
_BEGINS = re.compile(r"\A\W*|[.!?]\s+")
_ACTS = re.compile(r" (?:\w{3,}(?<!s)s|is|was|has|does|will|\w+ed)\b")
"""Words after a name that begins a sentence."""


class ValueKind(Enum):
    """A kind of thing that a text may name."""

    DAY = auto()
    FIGURE = auto()
    PROPER_NAME = auto()
    WORD = auto()
    HAN_NAME = auto()
    HAN_WORD = auto()

    @property
    def is_name(self) -> bool:
        """Whether it is recognized as a name by its spelling."""
        return self in {ValueKind.PROPER_NAME, ValueKind.HAN_NAME}


_NAMES = (ValueKind.PROPER_NAME, ValueKind.WORD, ValueKind.HAN_NAME)


def value_kind_of(thing: str) -> ValueKind:
    """Return the kind of a thing that stands alone."""
    if NAMED_DAY.search(thing):
        return ValueKind.DAY
    if FIGURE.search(thing):
        return ValueKind.FIGURE
    if WIDE.search(thing):
        return ValueKind.HAN_NAME if HAN_NAME.fullmatch(thing) else ValueKind.HAN_WORD
    is_proper = thing[:1].isupper() and not any(map(str.isdigit, thing))
    return ValueKind.PROPER_NAME if is_proper else ValueKind.WORD


def values_of(text: str, kind: ValueKind) -> frozenset[str]:
    """Return the things of a kind that the beginning of a text names, in lower case."""
    text = text[:_MAX_CHARS]
    match kind:
        case ValueKind.DAY:
            found = (one.group().rstrip("s") for one in NAMED_DAY.finditer(text))
        case ValueKind.FIGURE:
            found = (one[1] for one in FIGURE.finditer(text))
        case ValueKind.HAN_NAME:
            found = (one[1] for one in HAN_NAME.finditer(text))
        case ValueKind.HAN_WORD:
            found = (one[1] for one in HAN_LAST_WORD.finditer(text))
        case _:
            found = (one for one in _names_in(text) if value_kind_of(one) is kind)
    return frozenset(one.lower() for one in found)


def may_replace_value(thing: str, text: str, asked: str = "") -> bool:
    """Return whether a text names a different thing of the same kind.

    Things that the answered question names do not count. A number replaces one that is written
    alike and counts the same.
    """
    kind = value_kind_of(thing)
    there, new = values_of(text, kind), values_of(thing, kind) or {thing.lower()}
    there -= _words_of(asked)
    if kind is not ValueKind.FIGURE:
        return bool(there) and there.isdisjoint(new)
    said = next(FIGURE.finditer(thing))
    found = [
        one for one in FIGURE.finditer(text[:_MAX_CHARS]) if shape_of(one[1]) == shape_of(said[1])
    ]
    unit = (said[2] or "").lower()
    counts_same = not unit or any(
        unit.startswith(other) or other.startswith(unit)
        for other in ((one[2] or "").lower() for one in found)
        if other
    )
    return bool(found) and there.isdisjoint(new) and counts_same


def names_only_figures(text: str, asked: str) -> bool:
    """Return whether a text names a number, and nothing else except what the question names."""
    names = frozenset().union(*(values_of(text, kind) for kind in _NAMES))
    return names <= _words_of(asked) and bool(values_of(text, ValueKind.FIGURE))


def _words_of(text: str) -> frozenset[str]:
    return frozenset(text.lower().strip("?").split())


def _names_in(text: str) -> Iterator[str]:
    """Yield words spelled like names, and the last word of a sentence that names something."""
    if (last := LAST_WORD.search(text)) and not NAMED_DAY.fullmatch(last[1]):
        yield last[1]
    begins = {found.end() for found in _BEGINS.finditer(text)}
    for found in LATIN_NAME.finditer(text):
        word = found.group()
        if found.start() in begins and not _ACTS.match(text, found.end()):
            continue
        is_name = word[:1].isupper() or any(map(str.isdigit, word))
        if is_name and word.lower() not in ENGLISH_STOPWORDS and not NAMED_DAY.fullmatch(word):
            yield word


def shape_of(token: str) -> str:
    """Return the shape of a text: each number in it replaced by 0."""
    return re.sub(r"\d+", "0", token)
