"""Find the type of answer that a question expects, and whether a text contains that type.

English and Chinese questions are recognized; for others the type is unknown, and any text may
answer.
"""

# ruff: noqa: RUF001 - CJK marks

from __future__ import annotations

import re
from enum import Enum, auto

from sage.retrieval.query.value_patterns import ANY_NUMBER, ANY_TIME, ANY_WORD, HAN
from sage.retrieval.text.simplified_chinese import simplified
from sage.retrieval.text.stopwords import QUESTION_WORDS

_THINGS_COUNTED = (
    r"(?:\w+ ){0,2}(?:amount|cost|dosage|dose|fee|height|length|limit|number|percentage|port|price"
    r"|quota|rate|salary|size|speed|temperature|version|weight|width)\b"
)
_FIGURE = re.compile(
    r"\bhow (?:big|expensive|far|few|fast|heavy|high|hot|large|many|much|old|tall|wide)\b"
    rf"|\b(?:what|which)(?:['’]s| is| was| are)? (?:the )?{_THINGS_COUNTED}"
    r"|\bwhat\b.{1,60}\bcosts?\b"
    r"|多少|多[大长高宽重快]|几[个条台位次天年月人元块层页度岁遍]|[第]几|哪个(?:端口|版本)"
    r"|(?:端口|版本|价格|费用|上限|剂量|比例|温度)是(?:什么|哪个)",
    re.IGNORECASE,
)
_TIME = re.compile(
    r"\A\W*(?:(?:and|so|but) )?(?:(?:since|until|till) )?when\b"
    r"|\b(?:(?:on|in|by|from|until) )?(?:what|which)"
    r" (?:date|day|month|time(?! zones?\b)|week|weekday|year)\b"
    r"|\bhow (?:long|often|recently|soon)\b|\b(?:retention|timeout|ttl)\b"
    r"|什么时[候间]|何时|几[号点月日时]|哪一?[天年月日周]|星期几|周几|多久|多长时间",
    re.IGNORECASE,
)
_PERSON = re.compile(r"\bwho(?:se)?\b(?! or what)|谁|哪位", re.IGNORECASE)
_PLACE = re.compile(r"\bwhere\b|哪[里儿]|什么地方|何处", re.IGNORECASE)
_REASON = re.compile(r"\bwhy\b|为什么|为何|怎么会", re.IGNORECASE)
_MANNER = re.compile(r"\bhow\b|怎么|怎样|如何", re.IGNORECASE)


class AnswerType(Enum):
    """The type of an answer."""

    FIGURE = auto()
    TIME = auto()
    PERSON = auto()
    PLACE = auto()
    REASON = auto()
    MANNER = auto()
    ANYTHING = auto()


_KINDS = (
    (_TIME, AnswerType.TIME),
    (_FIGURE, AnswerType.FIGURE),
    (_PERSON, AnswerType.PERSON),
    (_PLACE, AnswerType.PLACE),
    (_REASON, AnswerType.REASON),
    (_MANNER, AnswerType.MANNER),
)


def expected_answer_type(question: str) -> AnswerType:
    """Return the type of answer that a question expects."""
    text = simplified(question)
    return next((kind for form, kind in _KINDS if form.search(text)), AnswerType.ANYTHING)


def may_answer(text: str, question: str) -> bool:
    """Return whether a text contains anything of the type that a question expects.

    What the question itself names does not count. If in doubt, it does.
    """
    kind = expected_answer_type(question)
    if kind is AnswerType.FIGURE:
        return bool(_new(ANY_NUMBER, text, question))
    if kind is AnswerType.TIME:
        return bool(_new(ANY_NUMBER, text, question) or _new(ANY_TIME, text, question))
    if kind is AnswerType.PERSON:
        return HAN.search(text) is not None or any(
            name[0].isupper() and name.lower() not in QUESTION_WORDS
            for name in _new(ANY_WORD, text, question)
        )
    return True


def _new(form: re.Pattern[str], text: str, question: str) -> set[str]:
    """Return the matches of a pattern in a text that are not in the question."""
    named = {one.lower() for one in form.findall(simplified(question))}
    return {one for one in form.findall(simplified(text)) if one.lower() not in named}
