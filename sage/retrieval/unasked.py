"""Choose which hits of a prompt a session is told, though nobody has asked for them."""

# ruff: noqa: RUF001 - other scripts have marks of their own

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from sage.domain.memories import Role
from sage.domain.message_class import MessageClass
from sage.retrieval.lexemes import query_of
from sage.retrieval.message_classes.asking import asked_by, ends_with_task
from sage.retrieval.message_classes.task_forms import POLICY
from sage.retrieval.vain_questions import TELLS, asks_what_was_asked

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from sage.domain.searching import Hit

_LIKELY = 0.3
_VERY_LIKELY = 0.6
_FIRST = 5
"""So many are told that share the words of the prompt, however likely each of them is."""
_SHARE = 0.6
_SHORT_CHARS = 300
_MOST_CHARS = 600
_CLAUSE = re.compile(r"[,，:：;；。！？]|[.!?]\s|\s[–—-]\s")
_LOOK = re.compile(r"(?:please )?(?:have|take) a look\b|with tests\Z", re.IGNORECASE)
_HAN_TASK = re.compile(
    r"\A(?:请(?!记|注意|用|一律|不要|别|总)|(?:帮我|帮忙|麻烦)(?!记))"
    r"|\A给.{1,16}?(?:加|写|做|配|换|补)|\A把.{1,20}?(?:写进|写到|改成|换成|做完|打开|关掉)"
    r"|(?<![了记])一下|怎么回事\Z|加个.{1,12}吧\Z"
)
_VERB = re.compile(
    r"(?:please )?(?:add|alert|build|check|clean up|debug|delete|document|draft|find|finish|fix"
    r"|grep|implement|investigate|list|look (?:at|into)|make|merge|move|open|print|profile|push|put"
    r"|read|rebase|refactor|remove|rename|restart|revert|review|rotate|run|search|set up|show|size"
    r"|test|throttle|trace|turn|update|upgrade|verify|write) ",
    re.IGNORECASE,
)
_FIGURE = re.compile(r"\d")
_ASKS = re.compile(r"[?？]")
_DID = re.compile(
    r"\b(?:done|finished|fixed|implemented|added|changed|removed|updated|renamed|reverted|moved"
    r"|wrote|touched|tests?|checks? pass)\b|nothing is left|\bis in[;,.]"
    r"|完成|做好|弄好|做完|搞定|没有遗留|已|改了|修|加了|删",
    re.IGNORECASE,
)


def told_unasked(prompt: str, hits: Sequence[Hit]) -> list[Hit]:
    """Return the hits of a prompt that are worth telling, though nobody has asked for them.

    Left out are questions that nobody answered, unless they are asked for, and tasks that were set
    before. The report that one was done stands last; where the prompt asks, it keeps its place if
    it shares more words with the prompt than anything else does, and is left out otherwise. Beside
    what is likely to answer, the first are told that share about as many words with the prompt as
    the best one does: of several facts on a subject any may be wanted. Before a prompt that states
    something only what very likely fits is told.
    """
    keeps_questions = asks_what_was_asked(prompt)
    kept = [hit for hit in hits if not _is_vain(hit, keeps_questions=keeps_questions)]
    if only_states(prompt):
        return [hit for hit in kept if hit.likelihood >= _VERY_LIKELY]
    wanted = _terms((prompt,))
    shared = {hit.memory_id: len(wanted & _terms(_texts(hit))) for hit in kept}
    reports = [hit for hit in kept if reports_work(hit.role, hit.content)]
    others = [hit for hit in kept if hit not in reports]
    most = max((shared[hit.memory_id] for hit in others), default=0)
    if asked_by(prompt) is MessageClass.QUESTION:
        meant = [hit for hit in reports if shared[hit.memory_id] > most]
        most = max((shared[hit.memory_id] for hit in (*others, *meant)), default=0)
        line = [hit for hit in kept if hit in others or hit in meant]
    else:
        line = [*others, *reports]
    told: list[Hit] = []
    for hit in line:
        is_near = hit in others and shared[hit.memory_id] >= max(1, _SHARE * most)
        if hit.likelihood >= _LIKELY or (is_near and len(told) < _FIRST):
            told.append(hit)
    return told


def only_states(prompt: str) -> bool:
    """Return whether a short prompt states something and neither asks nor sets a task."""
    return (
        len(prompt) <= _SHORT_CHARS
        and TELLS.search(prompt) is not None
        and _ASKS.search(prompt) is None
        and asked_by(prompt) is None
        and not ends_with_task(prompt)
        and not sets_task(prompt)
    )


def sets_task(text: str) -> bool:
    """Return whether a short text sets a task, if only in its last clause."""
    if len(text) > _SHORT_CHARS:
        return False
    if asked_by(text) is MessageClass.REQUEST:
        return True
    clauses = [clause.strip() for clause in _CLAUSE.split(text.strip(" .!。！\n"))]
    first, last = clauses[0], clauses[-1]
    if _LOOK.match(last) or asked_by(last) is MessageClass.REQUEST:
        return True
    begins = _VERB.match(text) or _HAN_TASK.search(first) or _HAN_TASK.search(last)
    return begins is not None and _FIGURE.search(text) is None and POLICY.search(text) is None


def _is_vain(hit: Hit, *, keeps_questions: bool) -> bool:
    """Return whether a hit only asks in vain, or sets a task of which no more is known than that.

    What was answered to a task is worth telling, unless it reports that the task is done.
    """
    if hit.role is not Role.USER:
        return False
    if hit.reply is None and asked_by(hit.content) is MessageClass.QUESTION:
        return not keeps_questions
    if not sets_task(hit.content):
        return False
    return hit.reply is None or reports_work(hit.reply.role, hit.reply.content)


def reports_work(role: Role, content: str) -> bool:
    """Return whether an assistant says what it did."""
    return role is Role.ASSISTANT and _DID.search(content[:_MOST_CHARS]) is not None


def _texts(hit: Hit) -> tuple[str, ...]:
    return (hit.content,) if hit.reply is None else (hit.content, hit.reply.content)


def _terms(texts: Iterable[str]) -> set[str]:
    terms = {term for text in texts for term in query_of(text[:_MOST_CHARS]).terms}
    return {term for term in terms if not term.startswith("@")}
