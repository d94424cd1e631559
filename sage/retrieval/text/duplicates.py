"""Find duplicate texts, and pairs that differ only in form."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from sage.retrieval.text.analysis import NEGATION, analyze, each_content
from sage.retrieval.text.words import JOINTS, beginning_of, caseless, normalized

if TYPE_CHECKING:
    from collections.abc import Callable

    from sage.retrieval.text.analysis import AnalyzedText, Content

MAX_CHARS = 2_000
"""Longer texts are only compared word for word, since a repeated question is shorter."""

_QUOTES = str.maketrans({"’": "'", "‘": "'", "“": '"', "”": '"'})  # noqa: RUF001 - typographic
_BESIDE_HAN = re.compile(r"(?<=[\u2e80-\u9fff]) | (?=[\u2e80-\u9fff])")
_EMPHASIS = "*_`\"'"
_MARKS = ".,;:!…。、" + _EMPHASIS
_WITHOUT_JOINTS = str.maketrans("", "", "".join(("'", *JOINTS)))
"""What is left out of a word in ASCII, or between words that are written together."""
_ARTICLES = frozenset({"a", "an", "the"})


def adds_nothing(message: str, query: str) -> bool:
    """Return whether all content words, numbers, names and negations of a message are in a query.

    Words are compared by stem, scripts without spaces by pairs of characters. A message that
    differs from the query only by a negation is not the same.
    """
    if len(message) > MAX_CHARS:
        return False
    said, asked = analyze(message), analyze(query)
    if not (said.content <= asked.spelt and all(_covers(asked, run) for run in said.runs)):
        return False
    is_negated = NEGATION in asked.content and NEGATION not in said.content
    return not is_negated or _size(asked) != _size(said)


def only_repeats(message: str, query: str) -> bool:
    """Return whether a message adds nothing, in less time if it is compared with one text only.

    It is split only up to the word that differs, mostly one of the first, and a query in ASCII is
    not split if no word of it can begin like that one.
    """
    if len(message) > MAX_CHARS or not all(map(_finder_in(query), each_content(message))):
        return False
    return adds_nothing(message, query)


def says_the_same(text: str, other: str) -> bool:
    """Return whether two texts differ only in form."""
    return adds_nothing(text, other) and adds_nothing(other, text)


def is_near_duplicate(text: str, other: str) -> bool:
    """Return whether two texts contain the same content words, numbers, names and negations."""
    if len(text) > MAX_CHARS or len(other) > MAX_CHARS:
        return False
    return canonical_form(text) == canonical_form(other) or says_the_same(text, other)


def canonical_form(text: str) -> str:
    """Return a text without case, spacing, emphasis, punctuation at its ends, and articles.

    Texts of one form say the same: nothing is lost if one of them is forgotten. A question keeps
    its question mark.
    """
    text = " ".join(caseless(normalized(text)).translate(_QUOTES).split())
    words = (word.lstrip(_EMPHASIS).rstrip(_MARKS) for word in _BESIDE_HAN.sub("", text).split())
    return " ".join(word for word in words if word and word not in _ARTICLES)


def _finder_in(query: str) -> Callable[[Content], bool]:
    """Return what finds whether a query may cover the content of a word; True if in doubt."""
    if query.isascii():
        letters = query.lower().translate(_WITHOUT_JOINTS)
        return lambda word: (
            not word.runs and all(beginning_of(term) in letters for term in word.terms)
        )
    asked = analyze(query)
    return lambda word: (
        asked.spelt.issuperset(word.terms) and all(_covers(asked, run) for run in word.runs)
    )


def _size(said: AnalyzedText) -> tuple[int, int]:
    return len(said.content - {NEGATION}), sum(map(len, said.runs))


def _covers(asked: AnalyzedText, run: str) -> bool:
    """Return whether each character of a run has the same neighbour in the question."""
    if len(run) == 1:
        return run in asked.pairs
    found = [run[at : at + 2] in asked.pairs for at in range(len(run) - 1)]
    return all(
        before or after for before, after in zip([False, *found], [*found, False], strict=True)
    )
