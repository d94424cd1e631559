"""Recognize what people want always or never, in English and Chinese."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, NamedTuple

from sage.retrieval.preferences.personal import PERSONAL_TERMS, is_personal
from sage.retrieval.preferences.working_rules import RULE_TERMS, sets_rule
from sage.retrieval.text.sentences import sentences_in
from sage.retrieval.text.simplified_chinese import simplified
from sage.retrieval.text.words import stem_of, terms_in

if TYPE_CHECKING:
    from collections.abc import Set as AbstractSet

_MAX_CHARS = 160
"""A preference is short; a longer sentence tells a story."""

_ENGLISH = (
    *("prefer", "preference", "like", "love", "enjoy", "hate", "dislike", "favorite"),
    *("favourite", "always", "never", "usually"),
)
_CHINESE = (
    *("喜欢", "偏好", "偏爱", "最爱", "爱用", "爱吃", "爱喝", "讨厌", "习惯"),
    *("倾向", "宁愿", "宁可", "只用", "从不", "总是"),
)

_ASKS = re.compile(r"[?？]|(?:[吗呢]|怎么说)[。]?$")  # noqa: RUF001
_LIKES = r"(?:don['’]t )?(?:like|love)\b(?! (?:it|this|that|how|what|the)\b)"  # noqa: RUF001
_SAYS = re.compile(
    r"\b(?:I|we) (?:really |much |strongly |generally |usually |also |still |do )*"
    rf"(?:prefer|enjoy|hate|dislike|{_LIKES})"
    r"|\b(?:I|we) (?:always|never|usually) (?:use|want|write|read|work|run|eat|drink|wear|take)\b"
    r"|\b(?:my|our) (?:preference|favou?rite)\b"
    rf"|(?:我|咱)们?[^，,。；]{{0,8}}(?:{'|'.join(_CHINESE)})|我们?的(?:偏好|习惯)",  # noqa: RUF001
    re.IGNORECASE,
)

_ALWAYS = re.compile(
    r"^(?:can|could|would|will) you\b.*\b(?:always|never|from now on|in (?:the )?future)\b",
    re.IGNORECASE,
)

_NORM_TERMS = frozenset(term for word in RULE_TERMS for term in terms_in(word))
PREFERENCE_TERMS = _NORM_TERMS.union(map(stem_of, _ENGLISH), _CHINESE, PERSONAL_TERMS)
"""Nearly every text with a preference contains one of these."""


class Preference(NamedTuple):
    """A sentence; it `is_personal` if it is about answers to its author, in any project."""

    text: str
    is_personal: bool


def preferences_in(text: str, terms: AbstractSet[str] | None = None) -> list[Preference]:
    """Return the sentences of a text that state a lasting preference.

    `terms` are those of the whole text if they are known: no sentence of it has others.
    """
    may_rule = terms is None or not terms.isdisjoint(_NORM_TERMS)
    sentences = [*sentences_in(text)]
    stated = [one for one in sentences if not _asks(simplified(one))]
    asks = len(stated) < len(sentences)
    return [
        Preference(sentence, is_personal=personal)
        for sentence in stated
        if len(sentence) <= _MAX_CHARS
        and (
            (personal := is_personal(sentence, of=len(sentences), asks=asks))
            or _is_said(sentence, simplified(sentence), may_rule=may_rule)
        )
    ]


def _is_said(sentence: str, plain: str, *, may_rule: bool) -> bool:
    if _SAYS.search(plain):
        return True
    if not may_rule:
        return False
    return sets_rule(sentence, plain) and not terms_in(sentence).isdisjoint(_NORM_TERMS)


def _asks(sentence: str) -> bool:
    return bool(_ASKS.search(sentence)) and not _ALWAYS.search(sentence)
