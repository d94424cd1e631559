# ruff: noqa: RUF001 - Chinese punctuation and typographic signs are what is tested

from datetime import UTC, datetime, timedelta, timezone
from itertools import product
from zoneinfo import ZoneInfo

import pytest

from sage.retrieval.text.dates import NamedDate, dates_in, split_dates
from tests.support.each import each


@each(
    ("text", "date"),
    [
        ("2023-05-08", (2023, 5, 8)),
        ("2023/5/8", (2023, 5, 8)),
        ("8 May 2023", (2023, 5, 8)),
        ("the 8th of May, 2023", (2023, 5, 8)),
        ("May 8th", (None, 5, 8)),
        ("Sept. 3, 2021", (2021, 9, 3)),
        ("2023-05", (2023, 5, None)),
        ("December 2022", (2022, 12, None)),
        ("in may 2022", (2022, 5, None)),
        ("last June", (None, 6, None)),
        ("We met in March.", (None, 3, None)),
        ("back in 1999", (1999, None, None)),
        ("2023年5月8日", (2023, 5, 8)),
        ("5月8号", (None, 5, 8)),
        ("二〇二三年十二月三十一日", (2023, 12, 31)),
        ("二十号之前的五月二十号", (None, 5, 20)),
        ("2023년 5월 8일", (2023, 5, 8)),
        ("2023年", (2023, None, None)),
    ],
)
def test_a_date_is_read_as_far_as_it_is_named(text, date):
    assert dates_in(text) == (NamedDate(*date),)


@each(
    "text",
    [
        "May I ask you something?",
        "they march on",
        "call 2023-4567",
        "version 1.2023.7",
        "price 20235",
        "at 3 pm",
        "2023-13-45",
        "13月40日",
        "hello",
    ],
)
def test_what_only_looks_like_a_date_is_none(text):
    assert dates_in(text) == ()


def test_several_dates_are_each_found_once():
    dates = dates_in("between 1 May 2023 and 3 June 2023, so 1 May 2023")
    assert dates == (NamedDate(2023, 5, 1), NamedDate(2023, 6, 3))


def test_the_text_is_given_without_its_dates():
    dates, rest = split_dates("在5月3号，你推荐了哪两部电影？")
    assert dates == (NamedDate(month=5, day=3),)
    assert "5" not in rest
    assert "电影" in rest


@pytest.mark.parametrize(
    "asked",
    [
        NamedDate(2023, 5, 8),
        NamedDate(2023, 5),
        NamedDate(2023),
        NamedDate(None, 5, 8),
        NamedDate(None, 5),
    ],
)
def test_every_way_to_ask_for_a_date_finds_a_key_of_the_full_date(asked):
    assert set(asked.asked_keys()) <= set(NamedDate(2023, 5, 8).indexed_keys)
    assert asked.asked_keys()


@each(
    ("hour", "zone"),
    product(range(24), ["Asia/Shanghai", "America/New_York", "Pacific/Kiritimati", "UTC"]),
)
def test_a_day_of_any_zone_finds_what_was_said_on_it(zone, hour):
    told_at = datetime(2023, 5, 1, hour, 59, tzinfo=ZoneInfo(zone))
    asked = NamedDate(2023, 5, 1).asked_keys(ZoneInfo(zone))
    assert asked[:2] == ("@2023-05-01", "@2023-05")
    assert f"@{told_at.astimezone(UTC):%Y-%m-%d}" in set(asked) & set(
        NamedDate.of(told_at).indexed_keys
    )


def test_a_day_that_no_calendar_has_is_asked_for_as_it_stands():
    assert NamedDate(2023, 2, 30).asked_keys(ZoneInfo("Asia/Shanghai")) == (
        "@2023-02-30",
        "@2023-02",
    )


def test_a_day_is_that_of_utc():
    late_evening = datetime(2023, 5, 8, 23, tzinfo=timezone(timedelta(hours=-5)))
    assert NamedDate.of(late_evening) == NamedDate(2023, 5, 9)
    assert NamedDate.of(datetime(2023, 5, 8, tzinfo=UTC)) == NamedDate(2023, 5, 8)
