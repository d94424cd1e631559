"""Days meant by their distance from today, a Wednesday."""

from datetime import UTC, date, datetime, timedelta

import pytest

from sage.retrieval.dates import NamedDate
from sage.retrieval.relative_dates import earliest_of, split_days

TODAY = date(2026, 11, 25)


def day(back):
    return NamedDate.of_day(TODAY - timedelta(back))


def days(first, last):
    return tuple(day(back) for back in range(first, last - 1, -1))


@pytest.mark.parametrize(
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


@pytest.mark.parametrize(
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
    assert earliest_of(days) == datetime(2026, 10, 1, tzinfo=UTC)
