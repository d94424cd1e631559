"""Resolve relative dates such as yesterday, last week, 前天 or 上个月.

They are counted from a given day, the reader's today. Only past dates are meant, since memories are
of the past.
"""

from __future__ import annotations

import re
from datetime import date, datetime, timedelta
from typing import TYPE_CHECKING

from sage.domain.validation import validate_time
from sage.errors import InvalidInputError
from sage.retrieval.text.dates import NamedDate, split_dates
from sage.retrieval.text.words import normalized, words_of

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from datetime import tzinfo

    _Meant = Callable[[re.Match[str], date], Iterable[NamedDate]]

_NUMBERS = {
    **{word: n for n, word in enumerate("one two three four five six seven".split(), start=1)},  # noqa: SIM905 - reads best as words
    **{han: n for n, han in enumerate("一二三四五六七八九十", start=1)},
    "a": 1,
    "an": 1,
    "两": 2,
    "a couple of": 2,
    "couple of": 2,
}
_NUMBER = r"(?P<n>\d{1,2}|an?|one|two|three|four|five|six|seven|(?:a )?couple of)"
_HAN_NUMBER = r"(?P<n>(?<!\d)\d{1,2}|(?<![一二两三四五六七八九十])[一二两三四五六七八九十])"
_UNIT = r"(?P<unit>day|week|month|year)s?"
_HAN_UNIT = r"(?:(?P<unit>[天日年])|个?(?P<week>周|星期|礼拜)|个(?P<month>月))"
_WEEKDAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
_WEEKDAY = r"(?P<weekday>mon|tues|wednes|thurs|fri|satur|sun)day"
_HAN_WEEKDAYS = "一二三四五六日"
_HAN_WEEK = r"个?(?:周|星期|礼拜)(?:(?P<weekday>[一二三四五六日天])|(?P<end>末))?"
_HINT = re.compile(
    r"\b(?:yesterday|today|tonight|ago|last|past|previous|other|this (?:week|month|year|past"
    r"|morning|afternoon|evening))\b|[天日晚夜早周年月]|星期|礼拜",
    re.IGNORECASE,
)
"""What all of them contain: most questions contain none of it, and are scanned once."""
_DAYS_A_WEEK = 7
_MONTHS_A_YEAR = 12
_TIME_HINT = "pass ISO 8601, such as 2026-05-08T13:56:00Z or 2026-05-08, or words: yesterday, 昨天"
_MAX_TIME_CHARS = 100
_MAX_DAYS = 31
_DOTLESS = str.maketrans("\u0130\u0131", "ii")
"""The only other letters that a pattern matches as its own when ignoring case."""


def split_days(text: str, today: date) -> tuple[tuple[NamedDate, ...], str]:
    """Return the dates that `text` means relative to `today`, each once, and the text without them.

    The text is in NFKC, and unchanged if no other words would be left.
    """
    meant, rest = _find_days(text, today)
    return meant, rest if meant and any(words_of(rest)) else text


def earliest_of(days: Iterable[NamedDate], timezone: tzinfo) -> datetime:
    """Return the time (UTC) at which the earliest of these days, months and years begins."""
    return min(begin for day in days if (begin := day.begins_at(timezone)) is not None)


def parse_time(
    field: str, text: str, *, now: datetime, timezone: tzinfo, naive: tzinfo | None = None
) -> datetime:
    """Parse a time that a person wrote for the argument `field`; return it in UTC.

    It is in ISO 8601, or a date or a time before `now` in words: yesterday, last week, 3 days ago,
    8 May 2026, 昨天. Words mean the beginning of their day, week, month or year in `timezone`. An
    ISO time without an offset is in `naive`, or else in `timezone`. Raises InvalidInputError.
    """
    try:
        datetime.fromisoformat(text.strip())
    except ValueError:
        begin = _begin_of(text[:_MAX_TIME_CHARS], now.astimezone(timezone).date(), timezone)
        if begin is None:
            raise InvalidInputError(
                field, "{field} is not a date and time", hint=_TIME_HINT
            ) from None
        return validate_time(field, begin)
    return validate_time(field, text, naive or timezone)


def _begin_of(text: str, today: date, timezone: tzinfo) -> datetime | None:
    """Return the time at which a named date begins; None if the text contains anything else."""
    days, rest = _find_days(text, today)
    dates, rest = split_dates(rest)
    begins = [date.begins_at(timezone) for date in (*days, *dates)]
    if not begins or None in begins or any(words_of(rest)):
        return None
    return min(filter(None, begins))


def _find_days(text: str, today: date) -> tuple[tuple[NamedDate, ...], str]:
    rest = normalized(text)
    if not _HINT.search(rest):
        return (), text
    meant: list[NamedDate] = []
    for pattern, meaning in _MEANINGS:

        def taken_out(match: re.Match[str], meaning: _Meant = meaning) -> str:
            meant.extend(meaning(match, today))
            return " "

        rest = pattern.sub(taken_out, rest)
    return tuple(dict.fromkeys(meant)), rest


def _days_before(first: int, last: int | None = None) -> _Meant:
    """Return a resolver for the days from `first` to `last` days before today."""
    return lambda _, today: _from_to(
        today - timedelta(first), today - timedelta(first if last is None else last)
    )


def _week_before(weeks: int) -> _Meant:
    """Return a resolver for a week, or a day or weekend of it; this week up to today."""

    def meant(match: re.Match[str], today: date) -> Iterable[NamedDate]:
        monday = today - timedelta(today.weekday() + _DAYS_A_WEEK * weeks)
        parts = match.groupdict()
        first, last = 0, _DAYS_A_WEEK - 1
        if parts.get("end"):
            first = 5
        elif named := parts.get("weekday"):
            first = last = _HAN_WEEKDAYS.index("日" if named == "天" else named)
        return _from_to(monday + timedelta(first), min(monday + timedelta(last), today))

    return meant


def _month_before(months: int) -> _Meant:
    return lambda _, today: [_month(today, months)]


def _year_before(years: int) -> _Meant:
    return lambda _, today: [NamedDate(today.year - years)]


def _last_weekday(match: re.Match[str], today: date) -> Iterable[NamedDate]:
    """Return the latest day of that name before today."""
    wanted = _WEEKDAYS.index(_folded(match["weekday"])[:3])
    back = (today.weekday() - wanted - 1) % _DAYS_A_WEEK + 1
    return _from_to(today - timedelta(back), today - timedelta(back))


def _ago(match: re.Match[str], today: date) -> Iterable[NamedDate]:
    """Return the day, or the week, month or year, that is so many of them back."""
    number, unit = _number_of(match["n"]), _unit_of(match)
    if unit == "day":
        return _days_before(number)(match, today)
    if unit == "week":
        return _week_before(number)(match, today)
    return [_month(today, number) if unit == "month" else NamedDate(today.year - number)]


def _during(match: re.Match[str], today: date) -> Iterable[NamedDate]:
    """Return the period up to today."""
    number, unit = _number_of(match.groupdict().get("n") or "1"), _unit_of(match)
    days = number * {"day": 1, "week": _DAYS_A_WEEK}.get(unit, _MAX_DAYS + 1)
    if days <= _MAX_DAYS:
        return _from_to(today - timedelta(days), today)
    if unit == "year":
        return [NamedDate(today.year - back) for back in range(number + 1)]
    months = number if unit == "month" else days // _MAX_DAYS
    return [_month(today, back) for back in range(min(months, _MONTHS_A_YEAR) + 1)]


def _from_to(first: date, last: date) -> list[NamedDate]:
    days = (first + timedelta(place) for place in range((last - first).days + 1))
    return list(map(NamedDate.of_day, days))


def _month(today: date, months_before: int) -> NamedDate:
    year, month = divmod(_MONTHS_A_YEAR * today.year + today.month - 1 - months_before, 12)
    return NamedDate(year, month + 1)


def _number_of(number: str) -> int:
    return int(number) if number.isdecimal() else _NUMBERS[_folded(number)]


def _unit_of(match: re.Match[str]) -> str:
    parts = match.groupdict()
    if parts.get("week") or parts.get("month"):
        return "week" if parts["week"] else "month"
    return {"天": "day", "日": "day", "年": "year"}.get(parts["unit"], _folded(parts["unit"]))


def _folded(word: str) -> str:
    return word.translate(_DOTLESS).lower()


_MEANINGS: tuple[tuple[re.Pattern[str], _Meant], ...] = tuple(
    (re.compile(pattern, re.IGNORECASE), meaning)
    for pattern, meaning in (
        (r"\bthe day before yesterday\b|(?<![大以从之])前[天日晚]", _days_before(2)),
        (r"大前天", _days_before(3)),
        (r"\byesterday(?: (?:morning|afternoon|evening|night))?\b|\blast night\b", _days_before(1)),
        (r"昨[天日晚夜]", _days_before(1)),
        (r"\btoday\b|\btonight\b|\bthis (?:morning|afternoon|evening)\b", _days_before(0)),
        (r"今[天日晚早]", _days_before(0)),
        (
            r"\bthe other (?:day|night)\b|\b(?:a )?few (?:days|nights) ago\b|前几天",
            _days_before(7, 1),
        ),
        (rf"\b{_NUMBER} {_UNIT} ago\b", _ago),
        (rf"{_HAN_NUMBER}{_HAN_UNIT}(?:之|以)?前", _ago),
        (rf"\b(?:the )?(?:last|past) {_NUMBER} {_UNIT}\b", _during),
        (rf"\b(?:in|over|during|for) the (?:last|past) {_UNIT}\b", _during),
        (rf"(?:最近|过去|近)的?这?{_HAN_NUMBER}{_HAN_UNIT}", _during),
        (r"\b(?:last|past|previous) week(?P<end>end)?\b", _week_before(1)),
        (r"\bthis week(?P<end>end)?\b", _week_before(0)),
        (rf"上上{_HAN_WEEK}", _week_before(2)),
        (rf"上{_HAN_WEEK}", _week_before(1)),
        (rf"[这本]{_HAN_WEEK}", _week_before(0)),
        (rf"\b(?:last|this past) {_WEEKDAY}\b", _last_weekday),
        (r"\b(?:last|previous) month\b|上个?月", _month_before(1)),
        (r"\bthis month\b|(?:这个|本)月", _month_before(0)),
        (r"\b(?:last|previous) year\b|去年", _year_before(1)),
        (r"\bthis year\b|今年", _year_before(0)),
        (r"(?<![以从之])前年", _year_before(2)),
    )
)
