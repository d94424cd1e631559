"""Recognize texts that ask for something or set a task."""

# ruff: noqa: RUF001 - other scripts have marks of their own

from __future__ import annotations

import re

from sage.domain.memories import Role
from sage.domain.message_class import MessageClass
from sage.retrieval.message_classes.intents import intent_of
from sage.retrieval.message_classes.non_answers import is_non_answer
from sage.retrieval.message_classes.task_patterns import POLICY
from sage.retrieval.query.same_questions import NAMES_OR_DENIES
from sage.retrieval.recall.agent_texts import reports_work

SHORT_CHARS = 300
_CLAUSE = re.compile(r"[,，:：;；。！？]|[.!?]\s|\s[–—-]\s")
_LOOK = re.compile(r"(?:please )?(?:have|take) a look\b|with tests\Z", re.IGNORECASE)
_HAN_TASK = re.compile(
    r"\A(?:检查|排查|核对|重构|请(?!记|注意|用|一律|不要|别|总)|(?:帮我|帮忙|麻烦)(?!记))"
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
_ASKS = re.compile(
    r"[?？]|\A(?:how|what|where|which|who|whom|when|why) (?:\w+ )?"
    r"(?:do|does|did|is|are|was|were|can|could|should|may|must|will|would)\b|几[点号]",
    re.IGNORECASE,
)
_ASKS_ONLY = re.compile(
    r"\A(?:please )?(?:tell|remind) (?:me|us)\b|\A(?:please )?name (?:me )?the\b"
    r"|\A(?:请)?(?:告诉|提醒)我(?!们?要)|来着\Z",
    re.IGNORECASE,
)
_FIGURE = re.compile(r"\d")
_PROPER = re.compile(r"\d|(?<=[^.!?。！？] )[A-Z]")
_NAMES = re.compile(r"\w[./_]\w|/\w|\w-\w+-\w", re.ASCII)
"""A path, or several words joined to one name."""


def asks_for(text: str) -> bool:
    """Return whether a text, or a part of it, asks for something."""
    return _ASKS.search(text) is not None or asks_only(text)


def asks_only(text: str) -> bool:
    """Return whether a text only asks for something: "Name the flag of the gate"."""
    return intent_of(text) is MessageClass.QUESTION or (
        len(text) <= SHORT_CHARS and _ASKS_ONLY.search(text.rstrip(" .!。！")) is not None
    )


def sets_task(text: str) -> bool:
    """Return whether a short text sets a task, even if only in its last clause."""
    if len(text) > SHORT_CHARS:
        return False
    if intent_of(text) is MessageClass.REQUEST:
        return True
    clauses = [clause.strip() for clause in _CLAUSE.split(text.strip(" .!。！\n"))]
    first, last = clauses[0], clauses[-1]
    if _LOOK.match(last) or intent_of(last) is MessageClass.REQUEST:
        return True
    begins = _VERB.match(text) or _HAN_TASK.search(first) or _HAN_TASK.search(last)
    return begins is not None and _FIGURE.search(text) is None and POLICY.search(text) is None


def may_set_task(text: str) -> bool:
    """Return whether a text contains no number and no name, or begins like a task."""
    return _VERB.match(text) is not None or (
        _PROPER.search(text) is None and _NAMES.search(text) is None
    )


def responds_to_task(role: Role, response: str) -> bool:
    """Return whether a response shows that the text before it set a task, or was not answered."""
    return reports_work(role, response) or is_non_answer(
        response, is_asked=True, by_assistant=role is Role.ASSISTANT
    )


def names_nothing(text: str) -> bool:
    """Return whether a text has no number, no name and no denial: a task often has none."""
    return NAMES_OR_DENIES.search(text) is None and _NAMES.search(text) is None
