"""Find the dates that a text names, in English, Chinese, Japanese, Korean and ISO spelling.

A date becomes keys such as `@2023-05-08`, which no word of a text can be: the index contains the
keys of a memory's own date and of the dates it names, a query those of the dates it asks for,
regardless of language.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import TYPE_CHECKING

from sage.retrieval.text.words import HEXADECIMAL_ID, caseless, normalized

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import date, tzinfo

_MONTHS = (
    *("january", "february", "march", "april", "may", "june"),
    *("july", "august", "september", "october", "november", "december"),
)
_MONTH = "|".join([*_MONTHS, "jan|feb|mar|apr|jun|jul|aug|sept?|oct|nov|dec"])
_DAY = r"(?P<day>0?[1-9]|[12]\d|3[01])"
_YEAR = r"(?P<year>(?:1[89]|20)\d\d)"
_HAN_DIGITS = {char: digit for digit, char in enumerate("〇一二三四五六七八九")} | {
    "零": 0,
    "两": 2,
}
_HAN = "〇零一二两三四五六七八九十"
_HAN_YEAR = rf"(?P<year>[{_HAN}]{{4}}|(?<!\d)(?:1[89]|20)\d\d)"
_HAN_MONTH = rf"(?P<month>[{_HAN}]{{1,2}}|(?<!\d)(?:1[0-2]|0?[1-9]))"
_HAN_DAY = rf"(?P<day>[{_HAN}]{{1,3}}|[12]\d|3[01]|0?[1-9])"

_IN_DIGITS, _IN_WORDS, _IN_HAN = range(3)
_PATTERNS = tuple(
    (how, re.compile(pattern, re.IGNORECASE))
    for how, pattern in (
        (_IN_DIGITS, rf"(?<!\d){_YEAR}[-/.](?P<month>0?[1-9]|1[0-2])[-/.]{_DAY}(?!\d)"),
        (_IN_DIGITS, rf"(?<!\d){_YEAR}-(?P<month>0[1-9]|1[0-2])(?![\d-])"),
        (
            _IN_WORDS,
            rf"(?<!\w){_DAY}(?:st|nd|rd|th)?(?:\s+of)?\s+(?P<month>{_MONTH})\b\.?(?:,?\s+{_YEAR}\b)?",
        ),
        (
            _IN_WORDS,
            rf"\b(?P<month>{_MONTH})\b\.?\s+{_DAY}(?:st|nd|rd|th)?(?!\d|:|\s*[ap]m\b)(?:,?\s+{_YEAR}\b)?",
        ),
        (_IN_WORDS, rf"\b(?P<month>{_MONTH})\b\.?(?:,|\s+of)?\s+{_YEAR}\b"),
        (
            _IN_HAN,
            rf"(?:{_HAN_YEAR}\s*[年년]\s*)?{_HAN_MONTH}\s*[月월](?:份)?(?:\s*{_HAN_DAY}\s*[日号號일])?",
        ),
        (_IN_HAN, rf"{_HAN_YEAR}\s*[年년]"),
        (_IN_DIGITS, rf"(?<![\d@.,:-]){_YEAR}(?![\d@:-]|[.,]\d)"),
    )
)
_BARE_MONTH = re.compile(
    rf"\b(?:(?i:(?P<month>{'|'.join(m for m in _MONTHS if m not in {'march', 'may'})}))"
    r"|(?P<proper>March|May(?!\s+(?:I|we|you|he|she|it|they|the|not|be)\b)))\b"
)
_HINTS = (
    (_IN_DIGITS, ("18", "19", "20"), re.compile(r"(?:1[89]|20)\d\d")),
    (_IN_WORDS, tuple(m[:3] for m in _MONTHS), re.compile(rf"(?:{_MONTH})(?![a-z])")),
    (_IN_HAN, tuple("年년月월"), re.compile("[年년月월]")),
)
"""What every date in such a form contains, in lower case: most texts contain none of it."""

_NEARLY_A_DAY = timedelta(days=1, microseconds=-1)


@dataclass(frozen=True, slots=True)
class NamedDate:
    """A date as far as a text names it: 8 May has no year, May 2023 no day."""

    year: int | None = None
    month: int | None = None
    day: int | None = None

    @classmethod
    def of(cls, when: datetime) -> NamedDate:
        """Return the day of `when` in UTC."""
        return cls.of_day(when.astimezone(UTC).date())

    @classmethod
    def of_day(cls, day: date) -> NamedDate:
        """Return a complete date."""
        return cls(day.year, day.month, day.day)

    def asked_keys(self, timezone: tzinfo = UTC) -> tuple[str, ...]:
        """Return the keys that a question for this date looks up, the most exact first.

        Memories are indexed by their day in UTC; a day in another time zone overlaps two of these.
        """
        year, month, day = self._parts
        if self.month is None:
            return (f"@{year}",)
        of_month = f"@{year}-{month}"
        if self.day is None:
            return (of_month,)
        begin = self.begins_at(timezone)
        moments = (begin, begin + _NEARLY_A_DAY) if begin else ()
        others = (f"@{moment:%Y-%m-%d}" for moment in moments)
        return tuple(dict.fromkeys((f"{of_month}-{day}", of_month, *others)))

    def begins_at(self, timezone: tzinfo) -> datetime | None:
        """Return the time (UTC) at which it begins in a time zone.

        None if its year is unknown, or the calendar has no such day.
        """
        try:
            begin = datetime(self.year or 0, self.month or 1, self.day or 1, tzinfo=timezone)
            return begin.astimezone(UTC)
        except (OverflowError, ValueError):
            return None

    @property
    def indexed_keys(self) -> tuple[str, ...]:
        """Every key that a question may look up to mean this date or a period that contains it."""
        year, month, day = self._parts
        keys = [f"@{year}"] if self.year else []
        for prefix in dict.fromkeys((year, "")):
            if self.month:
                keys.append(f"@{prefix}-{month}")
            if self.day:
                keys.append(f"@{prefix}-{month}-{day}")
        return tuple(keys)

    @property
    def _parts(self) -> tuple[str, str, str]:
        return (
            f"{self.year:04}" if self.year else "",
            f"{self.month or 0:02}",
            f"{self.day or 0:02}",
        )


def dates_in(text: str) -> tuple[NamedDate, ...]:
    """Find the dates `text` names, each once, full dates first."""
    return split_dates(text)[0]


def split_dates(text: str) -> tuple[tuple[NamedDate, ...], str]:
    """Return the dates that `text` names, and the (NFKC) text without them."""
    text = normalized(text)
    lowered = caseless(text)
    likely = {
        how
        for how, marks, hint in _HINTS
        if any(map(lowered.__contains__, marks)) and hint.search(lowered)
    }
    dates: list[NamedDate] = []
    ids = [one.span() for one in HEXADECIMAL_ID.finditer(text)] if likely else []
    for how, pattern in (*_PATTERNS, (_IN_WORDS, _BARE_MONTH)) if likely else ():
        if how in likely:
            text = pattern.sub(partial(_taken_out, dates, ids), text)
    return tuple(dict.fromkeys(dates)), text


def _taken_out(dates: list[NamedDate], ids: Iterable[tuple[int, int]], match: re.Match[str]) -> str:
    """Add the date of a match to `dates` and blank it out; return other text as it is.

    Digits of an id, of which the beginnings and ends are given, are no date.
    """
    begins_at, ends_at = match.span()
    in_id = any(begin < ends_at and begins_at < end for begin, end in ids)
    date = None if in_id else _date_of(match)
    if date is None:
        return match.group()
    dates.append(date)
    return " " * len(match.group())


def _date_of(match: re.Match[str]) -> NamedDate | None:
    parts = match.groupdict()
    year, month, day = (parts.get(part) for part in ("year", "month", "day"))
    month = month or parts.get("proper")
    month_number = _month_number(month.lower()) if month else None
    day_number = _number_of(day) if day else None
    if (month and not 1 <= (month_number or 0) <= 12) or (day and not 1 <= (day_number or 0) <= 31):  # noqa: PLR2004 - a calendar
        return None
    return NamedDate(_year_number(year) if year else None, month_number, day_number)


def _month_number(month: str) -> int:
    for number, name in enumerate(_MONTHS, start=1):
        if name.startswith(month[:3]):
            return number
    return _number_of(month)


def _year_number(year: str) -> int:
    if year.isdecimal() and year.isascii():
        return int(year)
    return int("".join(str(_HAN_DIGITS.get(char, 0)) for char in year))


def _number_of(number: str) -> int:
    """Parse 1 to 99 in Arabic or Han digits: 8, 08, 八, 十八, 二十八."""
    if number.isdecimal():
        return int(number)
    tens, ten, ones = number.rpartition("十")
    return 10 * bool(ten) * _HAN_DIGITS.get(tens, 1) + _HAN_DIGITS.get(ones, 0)
