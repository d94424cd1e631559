"""Tell whether two memories say the same, and whether one of them can go for that."""

from __future__ import annotations

import re

from sage.retrieval.echoes import says_the_same
from sage.retrieval.words import caseless, normalized

MOST_CHARS = 2_000
"""Longer texts are compared word for word alone."""

_QUOTES = str.maketrans({"’": "'", "‘": "'", "“": '"', "”": '"'})  # noqa: RUF001 - typographic
_BESIDE_HAN = re.compile(r"(?<=[\u2e80-\u9fff]) | (?=[\u2e80-\u9fff])")
_EMPHASIS = "*_`\"'"
_MARKS = ".,;:!…。、" + _EMPHASIS
_ARTICLES = frozenset({"a", "an", "the"})


def is_near(text: str, other: str) -> bool:
    """Return whether two texts hold the same content words, numbers, names and negations."""
    if len(text) > MOST_CHARS or len(other) > MOST_CHARS:
        return False
    return form_of(text) == form_of(other) or says_the_same(text, other)


def form_of(text: str) -> str:
    """Return what is left of a text without case, spacing, emphasis, marks at ends, and articles.

    Texts of one form say the same: nothing is lost where one of them is forgotten. A question
    keeps its mark.
    """
    text = " ".join(caseless(normalized(text)).translate(_QUOTES).split())
    words = (word.lstrip(_EMPHASIS).rstrip(_MARKS) for word in _BESIDE_HAN.sub("", text).split())
    return " ".join(word for word in words if word and word not in _ARTICLES)
