"""Select the hits of a prompt that a session receives unrequested."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import TYPE_CHECKING

from sage.domain.memories import Role
from sage.retrieval.message_classes.acknowledgements import only_acknowledges
from sage.retrieval.message_classes.intents import ends_with_task, intent_of
from sage.retrieval.query.entity_types import type_match
from sage.retrieval.query.same_questions import asks_for_questions
from sage.retrieval.recall.agent_texts import reports_work
from sage.retrieval.recall.other_language import (
    NO_OTHER_LANGUAGE,
    nearest_in_other_language,
    with_updates,
)
from sage.retrieval.recall.subjects import NO_SUBJECT, terms_of, words_about, words_in
from sage.retrieval.recall.tasks import SHORT_CHARS, asks_for, asks_only, names_nothing, sets_task
from sage.retrieval.recall.value_updates import may_supersede, share_values, states_change
from sage.retrieval.text.scripts import language_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from uuid import UUID

    from sage.domain.exchanges import Reply
    from sage.domain.searching import Hit
    from sage.retrieval.recall.other_language import OtherLanguageStatements
    from sage.retrieval.recall.subjects import Subject

_LIKELY = 0.3
_VERY_LIKELY = 0.6
_SURE = 0.8
_MAYBE = 0.15
_FEW = 3
"""How many hits are recalled for their shared words alone, however likely; and how many in all if
one of them surely answers."""
_MAX_HITS = 8
_APART = 0.15
"""How much less close a statement may be than the closest one, for a question."""
_MIN_SHARED = 2
_SHARE = 0.6
_MAX_SHARED = 0.5
"""A replacement must share more than half as many words with the prompt as the replaced hit."""
_MAX_CHARS = 600
_MARKS = re.compile(r"[\W_]+")


def select_for_prompt(
    prompt: str,
    hits: Sequence[Hit],
    subject: Subject = NO_SUBJECT,
    other_language: OtherLanguageStatements = NO_OTHER_LANGUAGE,
) -> list[Hit]:
    """Return the hits of a prompt that are worth recalling unrequested.

    Unanswered questions are left out unless they are asked for, and so are earlier tasks and texts
    that only repeat the prompt. Reports of finished work come last; for a question, such a report
    keeps its place if it shares more words with the prompt than anything else does, and is left out
    otherwise. If the prompt names its subject, the user statements about that subject that are
    closest to the prompt are added, in their current state, since any of them may be wanted.
    Without a subject, hits that are likely to answer are accompanied by the first ones that share
    about as many words with the prompt as the best does, for a question not counting the word for
    the kind of thing asked for. A hit in another language shares none, and need not be likelier for
    that; one that stands out is added for a question that no hit surely answers, and for which none
    names a thing of the kind asked for. Before a prompt that states something, only the first hit
    is returned, and only if it is almost certain.
    """
    keeps_questions = asks_for_questions(prompt)
    exchanges = _exchanges(hits)
    kept = [
        hit
        for hit in exchanges
        if not _is_dispensable(hit, prompt, keeps_questions=keeps_questions)
    ]
    if only_states(prompt):
        return [hit for hit in kept[:1] if hit.likelihood >= _SURE]
    wanted, about = words_in((prompt,)), words_about(prompt)
    shared = {hit.memory_id: len(wanted & terms_of(hit)) for hit in kept}
    reports = [hit for hit in kept if reports_work(hit.role, hit.content)]
    others = [hit for hit in kept if hit not in reports]
    asks = asks_for(prompt)
    if asks:
        most = max((shared[hit.memory_id] for hit in others), default=0)
        reports = [hit for hit in reports if shared[hit.memory_id] > most]
        others = [hit for hit in kept if hit in others or hit in reports]
        reports = []
    least, language = 1 if asks else _MIN_SHARED, language_of(prompt)
    most = max((shared[hit.memory_id] for hit in others), default=0)
    selected: list[Hit] = []
    for hit in (*others, *reports):
        is_about = not (asks and about.isdisjoint(terms_of(hit)))
        is_near = is_about and shared[hit.memory_id] >= max(least, _SHARE * most)
        is_alike = shared[hit.memory_id] >= least or language_of(hit.content) != language
        is_likely = hit.likelihood >= (_LIKELY if is_alike else _VERY_LIKELY)
        if is_likely or (is_near and hit in others and len(selected) < _FEW):
            selected.append(hit)
    if subject.statements:
        selected = _with_stated(selected, prompt, subject, asks=asks)
        selected = _as_updated(selected, prompt, subject)
    is_answered = any(
        hit.likelihood >= _SURE or type_match(prompt, _whole(hit), subject.terms) == 1
        for hit in selected
    )
    if asks and not is_answered:
        selected = [*selected, *nearest_in_other_language(prompt, other_language, subject.terms)]
    return _each_once(with_updates(prompt, selected, other_language))


def _as_updated(selected: Sequence[Hit], prompt: str, subject: Subject) -> list[Hit]:
    """Return hits with later statements in place of those they replace.

    Hits that contain what the prompt itself names stay, and so do hits that share more words with
    it.
    """
    wanted = words_in((prompt,))
    changes = [hit for hit in subject.statements if states_change(hit.content)]
    changes.sort(key=lambda hit: hit.created_at, reverse=True)
    return _each_once(
        next(
            (
                one
                for one in changes
                if one.created_at > hit.created_at
                and may_supersede(one.content, _whole(hit), subject.terms)
                and len(wanted & terms_of(one)) > _MAX_SHARED * len(wanted & terms_of(hit))
                and not share_values(prompt, _whole(hit))
            ),
            hit,
        )
        for hit in selected
    )


def _whole(hit: Hit) -> str:
    """Return a hit with its answer and correction as one text."""
    return " ".join((hit.content, *(one.content for one in _later(hit))))


def _exchanges(hits: Sequence[Hit]) -> list[Hit]:
    """Return hits with each answer and correction beside the memory it replies to.

    Alone it may mean nothing: "No, 9444." An exchange is as likely to answer as its likelier part.
    """
    whole = {one.memory_id: hit for hit in reversed(hits) for one in _later(hit)}
    return _each_once(
        replace(whole.get(hit.memory_id, hit), standing=hit.standing, probability=hit.probability)
        for hit in hits
    )


def _each_once(hits: Iterable[Hit]) -> list[Hit]:
    """Return hits without those that repeat an earlier one."""
    chosen: list[Hit] = []
    seen: set[UUID | str] = set()
    for hit in hits:
        parts: set[UUID | str] = {hit.memory_id, hit.content}
        for one in _later(hit):
            parts |= {one.memory_id, one.content}
        if seen.isdisjoint(parts):
            seen |= parts
            chosen.append(hit)
    return chosen


def _later(hit: Hit) -> list[Reply]:
    return [one for one in (hit.reply, hit.correction) if one is not None]


def _with_stated(
    selected: Sequence[Hit], prompt: str, subject: Subject, *, asks: bool
) -> list[Hit]:
    """Return the selection with the closest user statements on the subject of the prompt.

    Hits that very likely answer come before these, hardly likely ones after them. Hits that share
    words with the prompt, but none that names its subject, are about something else. Beside a hit
    that surely answers, only later statements of the same kind are added, since the value may have
    changed. For a question only a few are added, and no hardly likely hit if there is any
    statement.
    """
    wanted = words_in((prompt,))
    kept = [hit for hit in selected if subject.names(hit) or wanted.isdisjoint(terms_of(hit))]
    likely = [hit for hit in kept if hit.likelihood >= _LIKELY]
    first = [hit for hit in likely if _leads(hit, asks=asks)]
    stated = _stated(subject, asks=asks)
    sure = [hit for hit in first if hit.likelihood >= _SURE]
    if asks and sure and sure[0] is first[0]:
        best = first[0]
        later = [
            hit
            for hit in (*first, *stated)
            if hit.created_at > best.created_at
            and may_supersede(_whole(hit), _whole(best), subject.terms)
        ]
        return _each_once((*sure, *later))[:_FEW]
    answered = [hit for hit in kept if hit.reply is not None and hit.likelihood >= _MAYBE]
    chosen = _each_once((*first, *stated[:_FEW], *answered[:1], *likely, *stated[_FEW:]))
    if len(chosen) >= _FEW or (asks and chosen):
        return chosen[: _FEW if asks else _MAX_HITS]
    return _each_once((*chosen, *kept))[:_FEW]


def _leads(hit: Hit, *, asks: bool) -> bool:
    """Return whether a hit comes before the statements on the subject of a prompt."""
    is_short = len(hit.content) <= _MAX_CHARS
    states = asks or not reports_work(hit.role, hit.content)
    return hit.likelihood >= _VERY_LIKELY and is_short and states


def _stated(subject: Subject, *, asks: bool) -> list[Hit]:
    """Return the statements on a subject, the closest first; for a question, only the closest.

    If any of them names a thing of the kind that a question asks for, only those are returned, with
    later statements of that kind. Tasks and questions state nothing, though they may be classed as
    statements in doubt.
    """
    near = sorted(subject.statements, key=subject.rank)
    informative = [hit for hit in near if not sets_task(hit.content) and not asks_for(hit.content)]
    if not asks or not informative:
        return informative
    fitting = [hit for hit in informative if subject.fits.get(hit.memory_id)]
    best = max(fitting or informative, key=subject.near)
    least = subject.near(best) - _APART
    return [
        hit
        for hit in fitting or informative
        if subject.near(hit) >= least
        or (hit.created_at > best.created_at and subject.fits.get(hit.memory_id))
    ]


def only_states(prompt: str) -> bool:
    """Return whether a short prompt states something and neither asks nor sets a task."""
    return (
        len(prompt) <= SHORT_CHARS
        and not names_nothing(prompt)
        and not asks_for(prompt)
        and intent_of(prompt) is None
        and not ends_with_task(prompt)
        and not sets_task(prompt)
    )


def _is_dispensable(hit: Hit, prompt: str, *, keeps_questions: bool) -> bool:
    """Return whether a hit only repeats the prompt, is an unanswered question, or sets a task.

    The answer to a task is worth recalling, unless it reports that the task is done.
    """
    if hit.role is not Role.USER:
        return False
    if hit.reply is None and asks_only(hit.content):
        return not keeps_questions
    if hit.reply is None and _folded(hit.content) == _folded(prompt):
        return True
    if hit.reply is not None and hit.reply.role is Role.USER and _is_beside(hit.content, hit.reply):
        return True
    if not sets_task(hit.content):
        return False
    return hit.reply is None or reports_work(hit.reply.role, hit.reply.content)


def _is_beside(question: str, reply: Reply) -> bool:
    """Return whether a user's message after their question is about something else.

    It says nothing or sets a task, or it names many things or nothing, and none that the question
    names.
    """
    text = reply.content
    if only_acknowledges(text) or sets_task(text):
        return True
    words = words_in((text,))
    return (names_nothing(text) or len(words) > _FEW) and words.isdisjoint(words_in((question,)))


def _folded(text: str) -> str:
    return _MARKS.sub("", text).casefold()
