"""Judge what was asked before and never answered: whether it is the same, or says something."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import TYPE_CHECKING

from sage.retrieval.message_classes.introductions import without_introductions
from sage.retrieval.other_subjects import subject_replaced
from sage.retrieval.text.analysis import analyze
from sage.retrieval.text.duplicates import adds_nothing, says_the_same
from sage.retrieval.text.simplified_chinese import simplified
from sage.retrieval.wanted import wanted_by

if TYPE_CHECKING:
    from sage.domain.searching import SearchRequest, SearchResult

_ASKS_OPENLY = re.compile(
    r"\b(?:what|who|whom|whose|where|which|when|why|how|wie|was|wer|wo|wann|warum|wieso|welche\w?"
    r"|que|qui|quoi|quel\w*|où|quand|comment|pourquoi|combien|cuál\w*|quién\w*|dónde|cuándo|cómo"
    r"|qué|cuánt\w+)\b|什么|哪|谁|何|怎|几|多少|多久|多大|为啥",
    re.IGNORECASE,
)
TELLS = re.compile(r"\d|\b(?:not|no|never)\b|n['’]t\b|不|没|(?<=[^.!?。！？] )[A-Z]")  # noqa: RUF001 - CJK marks
"""What a text has that names a figure or a thing, or denies something."""

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
_HITS_A_PREMISE = 5


def is_the_same(text: str, query: str) -> bool:
    """Return whether a question asks for what a query asks for, in these words or in others."""
    text, query = without_introductions(text), without_introductions(query)
    if adds_nothing(text, query):
        return True
    asked, wanted = analyze(text).terms, analyze(query).terms
    shared = len(asked & wanted)
    if shared == 0 or _SHARE * shared < min(len(asked), len(wanted)):
        return False
    return subject_replaced(text, query) is None


def is_equal(text: str, query: str) -> bool:
    """Return whether a question asks for what a query asks for, in the same words but for form."""
    text, query = without_introductions(text), without_introductions(query)
    return says_the_same(text, query) and wanted_by(text) is wanted_by(query)


def asks_what_was_asked(query: str) -> bool:
    """Return whether a query asks for questions: then these are what answers it."""
    return _OF_QUESTIONS.search(simplified(query)) is not None


def has_premise(text: str, query: str) -> bool:
    """Return whether a question that a yes or a no would answer names what the query does not."""
    return (
        not _ASKS_OPENLY.search(simplified(text))
        and TELLS.search(text) is not None
        and not adds_nothing(text, query)
        and is_the_same(text, query)
    )


def without_vain(answer: SearchResult, query: str) -> SearchResult:
    """Return an answer without questions that nobody answered, but for those with a premise.

    Before what was stated next such a question would seem to be answered by it.
    """
    vain = {
        one.memory_id
        for one in answer.questions
        if one.reply is None and not has_premise(one.content, query)
    }
    return replace(answer, hits=tuple(hit for hit in answer.hits if hit.memory_id not in vain))


def with_questions(answer: SearchResult, request: SearchRequest) -> SearchResult:
    """Return an answer with the questions behind its hits, some of them among these.

    Of each five hits one may be a question that has a premise, or was answered.
    """
    premises = [
        hit for hit in answer.questions if hit.reply or has_premise(hit.content, request.query)
    ]
    premises = premises[: request.n // _HITS_A_PREMISE]
    others = [hit for hit in answer.questions if hit not in premises]
    hits = (*answer.hits[: request.n - len(premises)], *premises, *others)
    return replace(answer, hits=hits[: request.n])
