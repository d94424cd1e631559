"""Recognize questions, with or without a question mark."""

# ruff: noqa: RUF001 - other scripts have marks of their own

from __future__ import annotations

import re

from sage.retrieval.message_classes.question_patterns import (
    ASKED,
    FIRST_PERSON,
    FORGOTTEN,
    HAN_ASKED_LATE,
    HAN_ASKS,
    HAN_FILLER,
    HAN_FORGOTTEN,
    HAN_STATES,
    HAN_UNMARKED,
    KANA_HANGUL_ASKS,
    MARKED,
    STATES,
    TAG,
    UNMARKED,
    UNMARKED_FIRST,
)
from sage.retrieval.message_classes.word_order import asks_by_order, states_who
from sage.retrieval.query.introductions import (
    without_introduction,
    without_introduction_in_han,
    without_introduction_in_kana,
)
from sage.retrieval.text.scripts import has_kana_or_hangul, is_unspaced
from sage.retrieval.text.sentences import first_word_of

_MAX_WORDS = 10
_MAX_WORDS_ASKED = _MAX_WORDS_UNMARKED = 20
_MAX_UNSPACED_CHARS = 80
_MAX_UNSPACED_CHARS_UNMARKED = 40

_CLOSING = " \t\n\"'”’」』)）]*_`"
_CLAUSE = re.compile(r"[,，；;、]")
_GOES_ON = re.compile(r"[.:;!]\s|,\s+(?!(?:and|or|und|oder|et|ou|y|o|e|и|или) )")
_DID = re.compile(
    r"(?:did|does|has) (?:the|my|our|a|an) [\w-]+(?:$| (?:and|for|at|in|with|by|on)\b)|has an? ",
    re.IGNORECASE,
)
"""A past action without its subject."""
_CLEFT = re.compile(
    r"what(?:'s| is| was| are)(?! (?:the|a|an|my|our|your|his|her|their|its|this|that|it)\b)"
    r"(?: [\w-]+){1,4}? (?:is|are|was|were)\b",
    re.IGNORECASE,
)
"""A sentence of the form "what is missing is a runner"."""

_GOES_ON_UNSPACED = re.compile(r"[、,。]\s*\S")


def ends_asking(text: str) -> bool:
    """Return whether a text ends with a question mark, or in Chinese with an interrogative word."""
    return text[-60:].rstrip(_CLOSING).endswith(("?", "？", "吗", "呢", "吗。"))


def is_question(lead: str, first: str) -> bool:
    """Return whether a sentence only asks.

    `lead` is the sentence without introductory words, `first` its first word, uncapitalized.
    """
    if is_unspaced(lead):
        return _is_unspaced_question(lead)
    if first == "i" and FORGOTTEN.match(lead):
        return True
    asks = without_introduction(lead)
    is_introduced = asks != lead
    if lead.rstrip(_CLOSING).endswith(("?", "？")):
        if STATES.search(asks):
            return False
        return MARKED.match(asks) is not None or _asks_late(lead)
    first = first_word_of(asks) if is_introduced else first
    return first in UNMARKED_FIRST and _is_unmarked(asks)


def _asks_late(lead: str) -> bool:
    """Return whether a sentence that begins like a statement but has a question mark only asks."""
    if FIRST_PERSON.match(lead):
        return False
    is_short = len(lead.split()) <= (_MAX_WORDS_ASKED if ASKED.search(lead) else _MAX_WORDS)
    return is_short and (not _CLAUSE.search(lead) or TAG.search(lead) is not None)


def _is_unmarked(lead: str) -> bool:
    if lead.endswith((".", "!", "…", ":")) and not lead.lower().startswith(
        ("i wonder", "i'd like")
    ):
        return False
    return (
        len(lead.split()) <= _MAX_WORDS_UNMARKED
        and (UNMARKED.match(lead) is not None or asks_by_order(lead))
        and not STATES.search(lead)
        and not _GOES_ON.search(lead)
        and not _DID.match(lead)
        and not _CLEFT.match(lead)
        and not states_who(lead)
    )


def _is_unspaced_question(lead: str) -> bool:
    if len(lead) > _MAX_UNSPACED_CHARS:
        return False
    marked = lead.endswith(("?", "？"))
    if has_kana_or_hangul(lead):
        lead = without_introduction_in_kana(lead)
        return (
            marked or KANA_HANGUL_ASKS.search(lead) is not None
        ) and not _GOES_ON_UNSPACED.search(lead)
    lead = without_introduction_in_han(lead)
    if HAN_FORGOTTEN.fullmatch(lead):
        return True
    clauses = [one for one in _CLAUSE.split(lead) if one and not HAN_FILLER.fullmatch(one)]
    if marked:
        return len(clauses) == 1 or (bool(clauses) and all(map(HAN_ASKS.search, clauses)))
    return 0 < len(lead) <= _MAX_UNSPACED_CHARS_UNMARKED and all(map(_asks_unmarked, clauses))


def _asks_unmarked(clause: str) -> bool:
    if not HAN_UNMARKED.search(clause) or HAN_STATES.search(clause):
        return False
    return not clause.endswith("了") or HAN_ASKED_LATE.search(clause) is not None
