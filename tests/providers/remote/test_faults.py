from datetime import UTC, datetime, timedelta
from email.utils import format_datetime

from sage.providers.remote.faults import parse_retry_after
from tests.support.each import each


@each(
    ("value", "seconds"),
    [
        ("7", 7),
        ("1.5", 1.5),
        ("-3", 0),
        ("", None),
        ("soon", None),
        ("inf", None),
        ("nan", None),
        ("Mon, 01 Jan 2024 00:00:00 +99999999999999999999", None),
        ("Mon, 01 Jan 99999999999999999999 00:00:00 GMT", None),
        ("Mon, 99999999999999999999 Jan 2024 00:00:00 GMT", None),
        ("Mon, 01 Jan 2024 00:00:00 GMT", 0),
    ],
)
def test_retry_after_is_read_as_seconds_or_a_date(value, seconds):
    assert parse_retry_after({"retry-after": value}) == seconds


def test_retry_after_counts_to_a_date_to_come():
    value = format_datetime(datetime.now(UTC) + timedelta(hours=1), usegmt=True)
    assert 3500 < parse_retry_after({"retry-after": value}) <= 3600
