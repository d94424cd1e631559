"""Recognize sentences that only set a task."""

# ruff: noqa: RUF001 - other scripts have marks of their own

from __future__ import annotations

import re

from sage.retrieval.message_classes.imperatives import (
    is_chinese_imperative,
    is_imperative,
    without_versions,
)
from sage.retrieval.message_classes.task_patterns import (
    AFTER_NOUN,
    AFTER_OTHER_LANGUAGES,
    ALONE,
    ALONE_FIRST,
    ALSO_NOUNS,
    ASKED,
    CAN_YOU,
    CAN_YOU_FIRST,
    FRAMES,
    HAN_ALONE,
    HAN_ASKED,
    HAN_MARKED,
    HAN_STATES,
    HAN_TASK,
    IS,
    KANA_HANGUL_STATES,
    KANA_HANGUL_TASK,
    LETS,
    NO_TASK,
    NUMBER,
    OTHER_LANGUAGES,
    POLICY,
    REFERENCE,
    STATES,
    TASKS,
    TO_ME,
    VAGUE,
)
from sage.retrieval.text.scripts import has_kana_or_hangul, is_unspaced

_MAX_WORDS = 30
_MAX_UNSPACED_CHARS = 40
_MAX_CHARS_OF_A_BARE_TASK = 20

_HAN_CLAUSE = re.compile(r"[,，；、。：]")
_HAN_RULES = re.compile(r"是|在|要|应该|必须|用(?![户例法途量处])")


def is_request(lead: str, first: str) -> bool:
    """Return whether a sentence only sets a task.

    `lead` is the sentence without introductory words, `first` its first word, uncapitalized.
    """
    if is_unspaced(lead):
        return _is_unspaced_request(lead.rstrip("。.!！?？ "))
    if first in ALONE_FIRST and ALONE.fullmatch(lead):
        return True
    asked = CAN_YOU.match(lead) if first in CAN_YOU_FIRST else None
    if asked is None and not _is_task(lead, first):
        return False
    task = lead[asked.end() :] if asked else without_versions(lead, first)
    if POLICY.search(task) or STATES.search(task) or len(task.split()) > _MAX_WORDS:
        return False
    if NUMBER.search(task) and NUMBER.search(REFERENCE.sub("", task)):
        return False
    states = IS.search(task)
    return states is None or ASKED.search(task[: states.start()]) is not None


def _is_task(lead: str, first: str) -> bool:
    rest = lead[len(first) :].strip().lower()
    if first in TASKS:
        return bool(rest) and not NO_TASK.match(rest)
    if first in OTHER_LANGUAGES and first not in ALSO_NOUNS:
        return first.endswith("-moi") or AFTER_OTHER_LANGUAGES.match(rest) is not None
    if first in ALSO_NOUNS:
        if first in TO_ME and not rest.startswith(("me ", "us ", "the ")):
            return False
        return FRAMES.match(lead) is not None or (
            first not in VAGUE and AFTER_NOUN.match(rest) is not None
        )
    if first in {"let's", "let"}:
        return LETS.match(lead) is not None
    return is_imperative(lead, first)


def _is_unspaced_request(lead: str) -> bool:
    if len(lead) > _MAX_UNSPACED_CHARS:
        return False
    if has_kana_or_hangul(lead):
        return KANA_HANGUL_TASK.search(lead) is not None and not KANA_HANGUL_STATES.search(lead)
    if HAN_ALONE.fullmatch(lead):
        return True
    if _HAN_CLAUSE.search(lead) or NUMBER.search(lead):
        return False
    return _is_chinese_task(lead)


def _is_chinese_task(lead: str) -> bool:
    has_verb = HAN_TASK.match(lead) is not None
    if HAN_ASKED.search(lead):
        return has_verb
    is_bare = len(lead) <= _MAX_CHARS_OF_A_BARE_TASK
    if not has_verb:
        return is_bare and is_chinese_imperative(lead)
    marked = is_bare or HAN_MARKED.search(lead) is not None
    return marked and not HAN_STATES.search(lead) and not _HAN_RULES.search(lead)
