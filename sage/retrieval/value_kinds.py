"""Find what kind of thing a prompt needs, by its words, and which texts name one of that kind.

A port is a number, a version has dots, a folder has slashes. Known for English and Chinese; of
other prompts nothing is known.
"""

# ruff: noqa: RUF001 - CJK marks

from __future__ import annotations

import re
from typing import NamedTuple

from sage.retrieval.asking_words import ASKING


class _Kind(NamedTuple):
    """What needs a thing of a kind, and how such a thing is written."""

    needed: re.Pattern[str]
    written: re.Pattern[str]


_NUMBER = r"(?<![\w./:-])\d+(?:[.,]\d+)*(?![\w/:-]|\.\w)"
_UNIT = r"(?:seconds?|minutes?|min|hours?|h|days?|weeks?|months?|quarters?|years?)\b"
_HAN_NUMBER = r"(?:\d+|[一二两三四五六七八九十百半几]+)"
_DAY = (
    r"\b(?:(?:mon|tues|wednes|thurs|fri|satur|sun)days?|january|february|march|april|june|july"
    r"|august|september|october|november|december|midnight|noon)\b"
    r"|(?:周|星期|礼拜)[一二三四五六日天末]"
)
_CLOCK = (
    r"(?<![\w.:])\d{1,2}(?::\d\d)+(?!\w)|\b\d{1,2} ?(?:am|pm|o'clock)\b"
    r"|\d+ ?点|[一二三四五六七八九十]点"
)
_DATE = r"\b\d{4}-\d\d(?:-\d\d)?\b|\d+ ?[月号日]"


def _kind(needed: str, written: str) -> _Kind:
    flags = re.IGNORECASE | re.ASCII
    return _Kind(re.compile(needed, flags), re.compile(written, flags))


_KINDS = (
    _kind(r"\bversions?\b|版本", r"(?<![\w./:-])v?\d+(?:\.\d+)+(?![\w/:-]|\.\w)"),
    _kind(
        r"\b(?:for )?how long\b|\bhow many (?:seconds|minutes|hours|days|weeks|months|years)\b"
        r"|\bretention\b|多久|多长时间|[几多少]+(?:秒|分钟|小时|天|周|个月|年)|保留期",
        rf"\b(?:\d+|an?|one|two|three|four|five|six|seven|ten|twelve|half) ?{_UNIT}"
        rf"|{_HAN_NUMBER} ?(?:秒|分钟|小时|天|周|个月|年)|\b(?:forever|indefinitely)\b|永久",
    ),
    _kind(
        r"\b(?:at )?what time\b|\bwhen (?:do|does|did|is|are|was|were|will|must|may|can|should)\b"
        r"|\b(?:on|at|from|until|by) (?:what|which) (?:day|date|hour|time)\b|什么时[候间]|何时"
        r"|几[点号月]|哪[天日]|周几|星期几|的时间",
        f"{_CLOCK}|{_DAY}|{_DATE}",
    ),
    _kind(r"\bports?\b|端口", _NUMBER),
    _kind(
        r"\bhow (?:many|much|fast|often|big|large|high)\b|\b(?:rate|upper )?limits?\b"
        r"|\bquotas?\b|\bnumbers?\b|多少|多[快大高]|几[个次条台]|限额|上限",
        f"{_NUMBER}|[零一二两三四五六七八九十百千万]+[个次条台]",
    ),
    _kind(
        r"\b(?:folder|director(?:y|ies)|path)s?\b|\b(?:in|to) (?:what|which) file\b"
        r"|目录|路径|文件夹",
        r"(?<![\w/:])(?:~|\.{0,2})/\w|\b[a-z]:\\|\b\w+/\w",
    ),
    _kind(
        r"\b(?:url|link|web ?(?:site|page))\b|链接|网址",
        r"://|\bwww\.|\b\w+\.(?:com|org|net|io|dev)\b",
    ),
)
_PERSON = re.compile(r"\bwho(?:m|se)?\b|谁|哪位", re.IGNORECASE)
_PERSON_NAME = re.compile(
    r"(?<![A-Za-z0-9])[A-Z][a-zà-ÿ]+(?:['’-][A-Z]?[a-zà-ÿ]+)*(?![a-z0-9_])(?: [A-Z][\w'’-]+)*|@\w+"
)
_HAN_PERSON = re.compile(r"(?:找|问|由|归|是|联系|给)[\u3400-\u9fff]{2,3}(?:负责|管|[。，,.]|\Z)")
_SENTENCE = re.compile(r"\A\W*|[.!?。！？:：]\s*")


def names_what_is_needed(prompt: str, text: str) -> bool:
    """Return whether a text names a thing of a kind that a prompt needs."""
    if any(kind.needed.search(prompt) and kind.written.search(text) for kind in _KINDS):
        return True
    if _PERSON.search(prompt) is None:
        return False
    begins = {found.end() for found in _SENTENCE.finditer(text)}
    return _HAN_PERSON.search(text) is not None or any(
        found[0] not in prompt
        and found[0].lower() not in ASKING
        and (found.start() not in begins or " " in found[0])
        for found in _PERSON_NAME.finditer(text)
    )
