"""Decide whether two questions ask the same, or ask about different things.

"Which port does pelican use?" and "Which port does heron use?" share most of their words, and have
nearly the same meaning to a model, yet an answer to one is none to the other.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from sage.retrieval.query.answer_types import expected_answer_type
from sage.retrieval.query.introductions import without_introductions
from sage.retrieval.text.analysis import analyze
from sage.retrieval.text.duplicates import adds_nothing, says_the_same
from sage.retrieval.text.simplified_chinese import simplified

if TYPE_CHECKING:
    from sage.retrieval.text.analysis import TextUnit

_ASKS_OPENLY = re.compile(
    r"\b(?:what|who|whom|whose|where|which|when|why|how|wie|was|wer|wo|wann|warum|wieso|welche\w?"
    r"|que|qui|quoi|quel\w*|où|quand|comment|pourquoi|combien|cuál\w*|quién\w*|dónde|cuándo|cómo"
    r"|qué|cuánt\w+)\b|什么|哪|谁|何|怎|几|多少|多久|多大|为啥",
    re.IGNORECASE,
)
NAMES_OR_DENIES = re.compile(r"\d|\b(?:not|no|never)\b|n['’]t\b|不|没|(?<=[^.!?。！？] )[A-Z]")  # noqa: RUF001 - CJK marks
"""Parts of a text that name a number or a thing, or deny something."""

_OF_QUESTIONS = re.compile(
    r"\b(?:did|have|had) (?!to\b)\w+ (?:\w+ ){0,2}ask(?:ed)?\b"
    r"|\b(?:i|we|you|they|\w+) (?:\w+ )?asked (?:you |me |us )?(?:about|for|before)\b"
    r"|\b(?:my|our|your|which|what|the|all) (?:\w+ )?questions\b"
    r"|\bwas (?:\w+ )?(?:asked|gefragt)\b|\b(?:habe?n?|hast|hat) (?:\w+ ){1,8}gefragt\b"
    r"|\bmeine (?:letzten )?fragen\b|\b(?:ai|as|a|avons|avez)[- ](?:je |nous |vous |tu )?demandé"
    r"|\bmes (?:dernières )?questions\b|\b(?:pregunté|preguntamos|preguntaste|he preguntado)\b"
    r"|\bmis (?:últimas )?preguntas\b|问过|问了(?:什么|哪)|的问题有哪些|提过.{0,4}问题",
    re.IGNORECASE,
)
_SHARE = 2
_MAX_CHARS = 2_000


def is_same_question(text: str, query: str) -> bool:
    """Return whether a question asks the same as a query, in the same or in other words."""
    text, query = without_introductions(text), without_introductions(query)
    if adds_nothing(text, query):
        return True
    asked, wanted = analyze(text).terms, analyze(query).terms
    shared = len(asked & wanted)
    if shared == 0 or _SHARE * shared < min(len(asked), len(wanted)):
        return False
    return subject_replaced(text, query) is None


def is_equal_question(text: str, query: str) -> bool:
    """Return whether a question asks the same as a query, in the same words except for form."""
    text, query = without_introductions(text), without_introductions(query)
    return says_the_same(text, query) and expected_answer_type(text) is expected_answer_type(query)


def asks_for_questions(query: str) -> bool:
    """Return whether a query searches for questions, which are then its answers."""
    return _OF_QUESTIONS.search(simplified(query)) is not None


def has_premise(text: str, query: str) -> bool:
    """Return whether a yes-or-no question names something that the query does not."""
    return (
        not _ASKS_OPENLY.search(simplified(text))
        and NAMES_OR_DENIES.search(text) is not None
        and not adds_nothing(text, query)
        and is_same_question(text, query)
    )


def subject_replaced(question: str, query: str) -> str | None:
    """Return the part of a query for which a question has other words, None without one.

    Before and after that part both have the same words, apart from function words of questions, and
    more than those.
    """
    if max(len(question), len(query)) > _MAX_CHARS:
        return None
    asked, wanted = analyze(question).pieces, analyze(query).pieces
    before = 0
    while before < min(len(asked), len(wanted)) and asked[before].term == wanted[before].term:
        before += 1
    behind = 0
    while behind < min(len(asked), len(wanted)) - before and (
        asked[-1 - behind].term == wanted[-1 - behind].term
    ):
        behind += 1
    other, own = (pieces[before : len(pieces) - behind] for pieces in (asked, wanted))
    shared = (*wanted[:before], *wanted[len(wanted) - behind :])
    if not all(any(piece.term for piece in pieces) for pieces in (other, own, shared)):
        return None
    own = _without_ends(own)
    return analyze(query).text[own[0].starts_at : own[-1].ends_at]


def _without_ends(pieces: tuple[TextUnit, ...]) -> tuple[TextUnit, ...]:
    """Return pieces without the function words of questions at both ends."""
    meant = [place for place, piece in enumerate(pieces) if piece.term]
    return pieces[meant[0] : meant[-1] + 1]
