"""Traits of a text that show what kind of turn it is, in English and Chinese.

They depend on the text alone and are stored in the lexical index under keys that no word can be.
"""

from __future__ import annotations

import re
from enum import StrEnum
from typing import TYPE_CHECKING

from sage.retrieval.text.dates import dates_in
from sage.retrieval.text.simplified_chinese import simplified
from sage.retrieval.text.words import caseless

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from sage.retrieval.text.dates import NamedDate


class Trait(StrEnum):
    """A key of the lexical index that describes the form of a text."""

    ASKS = "@asks"
    SPEAKS_OF_SELF = "@self"
    DATED = "@dated"
    TIMED = "@timed"


_COUNTS = (
    r"(?:an?|one|two|three|four|five|six|seven|eight|nine|ten|several|(?:a )?few"
    r"|(?:a )?couple(?: of)?|\d+)"
)
_WEEKDAYS = r"(?:mon|tues|wednes|thurs|fri|satur|sun)day"
_SEASONS = r"(?:spring|summer|autumn|fall|winter)"
_HAN_NUMBER = r"[一二两三四五六七八九十几\d]"

_ASKS = re.compile(r"(?:[?？]|[吗呢][。.~～]?)[\s\"'”’」』)）]*$")  # noqa: RUF001 - both apostrophes - CJK marks
_SELF = re.compile(r"\b(?:I|me|my|mine|myself|we|our|us)\b|我|咱")


class _Phrases:
    """Phrases in English and Chinese, in lower case.

    Each contains one of `parts`: looking for these first is cheaper, and mostly enough.
    """

    def __init__(self, english: str, chinese: str, parts: Sequence[str]) -> None:
        self.in_ascii = re.compile(english, re.ASCII)
        self.anywhere = re.compile(f"{english}|{chinese}", re.IGNORECASE)
        self.parts = parts

    def are_in(self, text: str) -> bool:
        lowered = caseless(text)
        if not any(map(lowered.__contains__, self.parts)):
            return False
        found = self.in_ascii.search(lowered) if text.isascii() else self.anywhere.search(text)
        return found is not None


_DATED = _Phrases(
    r"\b(?:yesterday|today|tonight|tomorrow|the other (?:day|night)"
    rf"|(?:last|next|this|past|previous|coming) (?:\w+ )?(?:night|week(?:end)?|month|year"
    rf"|morning|afternoon|evening|{_WEEKDAYS}|{_SEASONS})"
    rf"|{_COUNTS} (?:day|week|month|year|hour)s? (?:ago|back|earlier|later|from now)"
    rf"|(?:in|for) {_COUNTS} (?:day|week|month|year)s?|{_WEEKDAYS}s?)\b",
    r"[昨今明][天晚早日年]|前[天年]|后天|去年|前几[天日年]|(?:上|下|这|本)个?(?:周|星期|礼拜|月)"
    rf"|(?<!{_HAN_NUMBER}){_HAN_NUMBER}{{1,9}}个?(?:天|周|星期|月|年|小时)(?:之|以)?[前后]|(?:周|星期|礼拜)[一二三四五六日天末]",
    (
        *("day", "night", "tomorrow", "week", "month", "year", "hour", "morning", "noon"),
        *("evening", "spring", "summer", "autumn", "fall", "winter"),
        *("天", "晚", "早", "日", "年", "周", "星期", "礼拜", "月", "小时"),
    ),
)
_TIMED = _Phrases(
    r"\b(?:ago|recent(?:ly)?|lately|soon|later|since|before|after|morning|afternoon|evening"
    rf"|weeks?|weekends?|months?|years?|{_SEASONS}|birthday|anniversary|holidays?)\b",
    r"最近|近来|刚[刚才]|[以之]前|[早晚]上|周末|生日",
    (
        *("ago", "recent", "lately", "soon", "later", "since", "before", "after", "morning"),
        *("evening", "week", "month", "year", "spring", "summer", "autumn", "fall", "winter"),
        *("birthday", "anniversar", "holiday"),
        *("最近", "近来", "刚", "前", "上", "生日"),
    ),
)


def traits_of(text: str, dates: Sequence[NamedDate] | None = None) -> Iterator[Trait]:
    """Yield the traits of a text; `dates` are those of its simplified form if they are known.

    ASKS: it ends in a question. SPEAKS_OF_SELF: in the first person. DATED: it says when something
    happens, by a date or relative to the day it was said. TIMED: it mentions time at all.
    """
    text = simplified(text)
    if _ASKS.search(text[-40:]):
        yield Trait.ASKS
    if _SELF.search(text):
        yield Trait.SPEAKS_OF_SELF
    dated = _DATED.are_in(text) or bool(dates_in(text) if dates is None else dates)
    if dated:
        yield Trait.DATED
    if dated or _TIMED.are_in(text):
        yield Trait.TIMED
