"""Days meant by their distance from today, a Wednesday."""

import re
import sys
from datetime import UTC, date, datetime, timedelta
from functools import cache
from zoneinfo import ZoneInfo

import pytest

from sage.errors import InvalidInputError
from sage.retrieval.text.dates import NamedDate, dates_in
from sage.retrieval.text.relative_dates import earliest_of, parse_time, split_days
from tests.support.each import each

TODAY = date(2026, 11, 25)
SHANGHAI = ZoneInfo("Asia/Shanghai")


def day(back):
    return NamedDate.of_day(TODAY - timedelta(back))


def days(first, last):
    return tuple(day(back) for back in range(first, last - 1, -1))


@each(
    ("text", "meant"),
    [
        ("yesterday", days(1, 1)),
        ("Yesterday evening", days(1, 1)),
        ("last night", days(1, 1)),
        ("the day before yesterday", days(2, 2)),
        ("today", days(0, 0)),
        ("three days ago", days(3, 3)),
        ("12 days ago", days(12, 12)),
        ("a couple of days ago", days(2, 2)),
        ("the other day", days(7, 1)),
        ("last week", days(9, 3)),
        ("this week", days(2, 0)),
        ("last weekend", days(4, 3)),
        ("two weeks ago", days(16, 10)),
        ("last Friday", days(5, 5)),
        ("last Wednesday", days(7, 7)),
        ("in the past week", days(7, 0)),
        ("the last 3 days", days(3, 0)),
        ("last month", (NamedDate(2026, 10),)),
        ("a month ago", (NamedDate(2026, 10),)),
        ("11 months ago", (NamedDate(2025, 12),)),
        ("the past two months", (NamedDate(2026, 11), NamedDate(2026, 10), NamedDate(2026, 9))),
        ("last year", (NamedDate(2025),)),
        ("3 years ago", (NamedDate(2023),)),
        ("this year", (NamedDate(2026),)),
        ("昨天", days(1, 1)),
        ("昨晚", days(1, 1)),
        ("前天", days(2, 2)),
        ("大前天", days(3, 3)),
        ("今天", days(0, 0)),
        ("三天前", days(3, 3)),
        ("12天以前", days(12, 12)),
        ("前几天", days(7, 1)),
        ("上周", days(9, 3)),
        ("上个星期", days(9, 3)),
        ("上周五", days(5, 5)),
        ("上个礼拜天", days(3, 3)),
        ("上周末", days(4, 3)),
        ("上上周", days(16, 10)),
        ("这周", days(2, 0)),
        ("两个星期前", days(16, 10)),
        ("最近三天", days(3, 0)),
        ("上个月", (NamedDate(2026, 10),)),
        ("上月", (NamedDate(2026, 10),)),
        ("两个月前", (NamedDate(2026, 9),)),
        ("去年", (NamedDate(2025),)),
        ("前年", (NamedDate(2024),)),
        ("三年前", (NamedDate(2023),)),
    ],
)
def test_the_days_meant_are_found_and_their_words_taken_away(text, meant):
    found, rest = split_days(f"heron {text} mill", TODAY)
    assert found == meant
    assert rest.split() == ["heron", "mill"]


@each(
    "text",
    [
        "what lasts a week?",
        "the week after",
        "her last letter",
        "ages ago",
        "以前天气好吗",
        "从前年轻的时候",
        "最近很忙",
        "2023年前",
        "一个人前往",
        "in 3 days",
    ],
)
def test_what_only_looks_like_it_means_no_day(text):
    assert split_days(text, TODAY) == ((), text)


@pytest.mark.parametrize("text", ["Yesterday?", "昨天", "plain"])
def test_a_question_keeps_its_text_where_nothing_else_is_said_or_no_day_is_meant(text):
    assert split_days(text, TODAY)[1] == text


def test_days_begin_with_the_earliest_of_them():
    days = (NamedDate(2026, 11, 3), NamedDate(2026, 10), NamedDate(2027))
    assert earliest_of(days, UTC) == datetime(2026, 10, 1, tzinfo=UTC)


def test_days_begin_where_their_zone_has_midnight():
    days = (NamedDate(2026, 11, 3), NamedDate(2026, 12))
    assert earliest_of(days, SHANGHAI) == datetime(2026, 11, 2, 16, tzinfo=UTC)


@cache
def alike():
    """Find what a pattern takes for a letter when case does not count: its capital, and others."""
    everything = "".join(map(chr, range(sys.maxunicode + 1)))
    letters = "".join(re.findall("[a-z]", everything, re.IGNORECASE))
    return {one: re.findall(one, letters, re.IGNORECASE) for one in "adefghiklmnoprstuvwxy"}


@each(
    "text",
    [
        *("six days ago", "five weeks ago", "a couple of months ago", "the last three years"),
        *("last friday", "this past saturday", "last weekend", "yesterday evening", "last night"),
    ],
)
def test_a_letter_that_counts_as_another_means_the_same(text):
    meant = split_days(text, TODAY)[0]
    assert meant
    for place, letter in enumerate(text):
        for char in alike().get(letter, ()):
            spelt = text[:place] + char + text[place + 1 :]
            assert split_days(spelt, TODAY)[0] == meant, spelt


@pytest.mark.parametrize("text", ["8 april 2023", "3rd of february", "july 4th, 2021", "in august"])
def test_a_letter_that_counts_as_another_names_the_same_month(text):
    for place, letter in enumerate(text):
        for char in alike().get(letter, ()):
            assert dates_in(text[:place] + char + text[place + 1 :]) == dates_in(text)


NOW = datetime(2026, 11, 25, 20, tzinfo=UTC)
"""The 26th in Shanghai already."""


@each(
    ("text", "begins"),
    [
        ("yesterday", "2026-11-25T00:00+08:00"),
        (" Yesterday ", "2026-11-25T00:00+08:00"),
        ("last week", "2026-11-16T00:00+08:00"),
        ("3 days ago", "2026-11-23T00:00+08:00"),
        ("today", "2026-11-26T00:00+08:00"),
        ("last month", "2026-10-01T00:00+08:00"),
        ("昨天", "2026-11-25T00:00+08:00"),
        ("上周", "2026-11-16T00:00+08:00"),
        ("去年", "2025-01-01T00:00+08:00"),
        ("8 May 2026", "2026-05-08T00:00+08:00"),
        ("2026年5月8日", "2026-05-08T00:00+08:00"),
        ("May 2026", "2026-05-01T00:00+08:00"),
        ("2026-05", "2026-05-01T00:00+08:00"),
        ("2026-05-08", "2026-05-08T00:00+08:00"),
        ("2026-05-08 12:30", "2026-05-08T12:30+08:00"),
        ("2026-05-08T12:30Z", "2026-05-08T12:30+00:00"),
    ],
)
def test_a_time_is_read_in_iso_or_in_words(text, begins):
    found = parse_time("after", text, now=NOW, timezone=SHANGHAI)
    assert found == datetime.fromisoformat(begins)
    assert found.tzinfo is UTC


def test_a_program_may_leave_out_the_offset_of_utc():
    found = parse_time("after", "2026-05-08", now=NOW, timezone=SHANGHAI, naive=UTC)
    assert found == datetime(2026, 5, 8, tzinfo=UTC)
    words = parse_time("after", "yesterday", now=NOW, timezone=SHANGHAI, naive=UTC)
    assert words == datetime(2026, 11, 24, 16, tzinfo=UTC)


@each(
    "text",
    [
        *("", "soon", "heron yesterday", "8 May", "30 February 2026", "tomorrow", "this sunday"),
        *("0001-01-01", "9999-12-31", "\x00", "\ud800", "yesterday" * 100_000, "s\u0131x"),
    ],
)
def test_what_is_no_time_is_refused_by_the_name_of_its_argument(text):
    with pytest.raises(InvalidInputError) as refused:
        parse_time("before", text, now=NOW, timezone=SHANGHAI)
    assert refused.value.field == "before"
    assert refused.value.hint
