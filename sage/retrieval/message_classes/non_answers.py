"""Recognize messages that say that there is no answer, or none yet.

A message is split into clauses. Each must say that there is no answer or be neutral, and at least
one must say it: a clause that states anything makes the message an answer.
"""

# ruff: noqa: RUF001 - other scripts have marks of their own

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from sage.retrieval.message_classes.acknowledgements import only_acknowledges
from sage.retrieval.message_classes.non_answer_patterns import (
    ALONE,
    LEAD,
    LEAD_FIRST,
    NEUTRAL,
    NEUTRAL_FIRST,
    NON_ANSWER_BY_FIRST,
    UNSPACED_ALONE,
    UNSPACED_NEUTRAL,
    UNSPACED_NON_ANSWER,
    finds_out,
)
from sage.retrieval.message_classes.refusals import (
    REFUSAL,
    REFUSAL_BY_FIRST,
    UNSPACED_BESIDE,
    UNSPACED_REFUSAL,
)
from sage.retrieval.text.scripts import is_unspaced
from sage.retrieval.text.sentences import first_word_of

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

_MAX_CHARS = 700
_MAX_CHARS_ALONE = 60
_CLAUSE = re.compile(
    r"[,.;:!?…]++(?=[\s\"')]|$)|\s[-–—]++\s|\n"
    r"|\sand\s(?=(?:there|i|nothing|no|found|could|couldn't|it|neither)\b)"
    r"|\s(?=(?:but|aber|und deshalb|mais|alors|pero|así que|quindi|então|но) )"
)
_NONE = re.compile(r"[`'\"(（]*+relevance\W{1,5}none\b[`'\")）]*+")
"""The texts of Sage without a relevant result."""

_UNSPACED_CLAUSE = re.compile(r"[，,。！？!?；;：:、\n]+")
_REASON = re.compile(r"因为|由于|导致|原因是?在")
_TRIMMED = " \"'`()[]…「」“”（）\t"


def is_non_answer(text: str, *, is_asked: bool, by_assistant: bool = False) -> bool:
    """Return whether a text says that there is no answer; `is_asked`: it follows a question."""
    if len(text) > _MAX_CHARS:
        return False
    if is_unspaced(text):
        if not is_asked:
            return UNSPACED_ALONE.fullmatch(text) is not None
        kind = _kind_of_unspaced_by_assistant if by_assistant else _kind_of_unspaced
        return _has_no_answer(_clauses_of(_NONE.sub("", text), _UNSPACED_CLAUSE), kind)
    plain = text.lower()
    if "relevance" in plain:
        plain = _NONE.sub("nothing", plain)
    if not is_asked:
        return _has_no_answer(_clauses_of(plain, _CLAUSE), _kind_of_unasked)
    kind = _kind_of_by_assistant if by_assistant else _kind_of
    return _has_no_answer(_clauses_of(plain, _CLAUSE), kind)


def _clauses_of(text: str, border: re.Pattern[str]) -> Iterator[str]:
    begin = 0
    for found in border.finditer(text):
        yield text[begin : found.start()]
        begin = found.end()
    yield text[begin:]


def _has_no_answer(clauses: Iterator[str], kind_of: Callable[[str], bool | None]) -> bool:
    """Return whether no clause states anything, and at least one says that there is no answer."""
    is_no_answer = False
    for part in clauses:
        if clause := part.strip(_TRIMMED):
            kind = kind_of(clause)
            if kind is None:
                return False
            is_no_answer |= kind
    return is_no_answer


def _kind_of_unasked(clause: str) -> bool | None:
    """Return True for a clause that is no answer by itself, False for a neutral one, else None."""
    return _kind_alone(clause, _without_lead(clause))


def _kind_alone(clause: str, rest: str) -> bool | None:
    if not rest:
        return False
    if any(ALONE.fullmatch(one) for one in {rest, clause} if len(one) <= _MAX_CHARS_ALONE):
        return True
    return False if only_acknowledges(rest) else None


def _kind_of(clause: str) -> bool | None:
    """Return True for a clause that answers no question, False for a neutral one, else None."""
    return _kind_once_asked(clause, _without_lead(clause))


def _kind_of_by_assistant(clause: str) -> bool | None:
    """Return the same for a clause of an assistant, which may also say what it cannot do."""
    rest = _without_lead(clause)
    kind = _kind_once_asked(clause, rest)
    if kind or not rest:
        return kind
    for one in dict.fromkeys((rest, clause)):
        if REFUSAL_BY_FIRST.match(first_word_of(one), one):
            return True
    return True if REFUSAL.search(clause) else kind


def _kind_once_asked(clause: str, rest: str) -> bool | None:
    kind = _kind_alone(clause, rest)
    if kind is not None:
        return kind
    for one in dict.fromkeys((rest, clause)):
        if NON_ANSWER_BY_FIRST.match(first_word_of(one), one):
            return None if finds_out(one) else True
    return False if first_word_of(rest) in NEUTRAL_FIRST and NEUTRAL.match(rest) else None


def _without_lead(clause: str) -> str:
    return LEAD.sub("", clause) if first_word_of(clause) in LEAD_FIRST else clause


def _kind_of_unspaced(clause: str) -> bool | None:
    if UNSPACED_NON_ANSWER.search(clause):
        return None if _REASON.search(clause) else True
    return False if UNSPACED_NEUTRAL.fullmatch(clause) or only_acknowledges(clause) else None


def _kind_of_unspaced_by_assistant(clause: str) -> bool | None:
    if UNSPACED_REFUSAL.search(clause):
        return True
    kind = _kind_of_unspaced(clause)
    return False if kind is None and UNSPACED_BESIDE.fullmatch(clause) else kind
