"""When a thing is due again."""

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest

from sage.domain.schedule import parse_schedule
from tests.support.each import each

BERLIN = ZoneInfo("Europe/Berlin")


def at(text):
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


@each(
    ("schedule", "last", "due"),
    [
        ("6h", "2026-11-26T10:00", "2026-11-26T16:00"),
        ("30m", "2026-11-26T23:50", "2026-11-27T00:20"),
        ("1 d", "2026-11-26T10:00", "2026-11-27T10:00"),
        ("2w", "2026-11-26T10:00", "2026-12-10T10:00"),
        ("03:30", "2026-11-26T01:00", "2026-11-26T02:30"),
        ("03:30", "2026-11-26T02:30", "2026-11-27T02:30"),
        ("21:00, 09:00", "2026-11-26T08:01", "2026-11-26T20:00"),
        ("00:30", "2026-11-26T23:00", "2026-11-26T23:30"),
        ("00:30", "2026-06-01T22:29", "2026-06-01T22:30"),  # summer time
        ("02:30", "2026-03-28T12:00", "2026-03-29T01:30"),  # an hour that the clocks skip
        ("02:30", "2026-10-24T12:00", "2026-10-25T00:30"),  # an hour that comes twice: once
        ("02:30", "2026-10-25T00:30", "2026-10-26T01:30"),
    ],
)
def test_it_is_due_after_the_interval_or_at_the_next_time_of_the_day(schedule, last, due):
    assert parse_schedule(schedule).due_at(at(last), BERLIN) == at(due)


@pytest.mark.parametrize("schedule", ["6h", "03:30"])
def test_what_was_never_done_is_due_at_once(schedule):
    assert parse_schedule(schedule).due_at(None, BERLIN) < at("2026-11-26T00:00")


@each(
    "text", ["", "daily", "0h", "4m", "3", "24:00", "3:30", "03:30,", "6h,03:30", "* 3 * * *", "6y"]
)
def test_what_is_no_schedule_is_refused(text):
    with pytest.raises(ValueError, match="is "):
        parse_schedule(text)
