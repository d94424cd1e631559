from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest

from sage.domain.local_time import local_time_text

WHEN = datetime(2026, 11, 25, 10, 8, 59, tzinfo=UTC)


@pytest.mark.parametrize(
    ("zone", "text"),
    [
        ("UTC", "2026-11-25 10:08 UTC"),
        ("Africa/Accra", "2026-11-25 10:08 UTC"),
        ("Asia/Shanghai", "2026-11-25 18:08 +08:00"),
        ("Pacific/Auckland", "2026-11-25 23:08 +13:00"),
        ("America/St_Johns", "2026-11-25 06:38 -03:30"),
        ("Pacific/Kiritimati", "2026-11-26 00:08 +14:00"),
    ],
)
def test_a_time_is_written_as_the_clock_of_a_zone_shows_it(zone, text):
    assert local_time_text(WHEN, ZoneInfo(zone)) == text
    assert local_time_text(WHEN.astimezone(ZoneInfo("Asia/Tokyo")), ZoneInfo(zone)) == text


def test_an_old_offset_of_minutes_and_seconds_is_cut_to_minutes():
    old = datetime(1900, 1, 1, tzinfo=UTC)
    assert local_time_text(old, ZoneInfo("Asia/Shanghai")) == "1900-01-01 08:05 +08:05"
