"""Commits and UUIDs are words of their own: no year is read in them, and they are not cut."""

import hashlib
import random
import re
import uuid

import pytest

from sage.retrieval.text.dates import NamedDate, dates_in, split_dates
from sage.retrieval.text.words import other_spellings, words_of

MONTH_AND_YEAR = re.compile(r"[a-f]{3}\d{4}")
"""Which of the two it is, nothing tells: two of 10,000 ids are like this."""


def ids():
    """Give 10,000 commits, shortened as Git does and whole, and UUIDs."""
    chosen = random.Random(36)
    for number in range(10_000):
        whole = hashlib.sha1(str(number).encode()).hexdigest()
        yield chosen.choice(
            (whole[:7], whole[:10], whole, str(uuid.UUID(int=chosen.getrandbits(128))))
        )


def test_no_year_is_read_in_an_id_and_it_stays_in_the_text():
    mixed = [one for one in ids() if not one.isdecimal() and not one.isalpha()]
    assert len(mixed) > 9_500
    read = [one for one in mixed if dates_in(f"What did {one} change?")]
    assert [one for one in read if not MONTH_AND_YEAR.fullmatch(one)] == []
    assert split_dates("What did a2019f4c change in May 2021?") == (
        (NamedDate(2021, 5),),
        "What did a2019f4c change in         ?",
    )


@pytest.mark.parametrize(
    ("text", "date"),
    [
        ("dec2019", NamedDate(2019)),
        ("FY2019", NamedDate(2019)),
        ("2019-05-08", NamedDate(2019, 5, 8)),
        ("since 2019, added", NamedDate(2019)),
        ("the 2019er", NamedDate(2019)),
    ],
)
def test_a_year_beside_letters_is_still_read(text, date):
    assert dates_in(text) == (date,)


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("deadbee1", []),
        ("1234567de", []),
        ("iphone15", ["iphon", "15"]),
        ("dec2019", ["dec", "2019"]),
        ("abc12", ["abc", "12"]),
    ],
)
def test_an_id_is_not_cut_into_letters_and_number(text, found):
    assert [*other_spellings(text, words_of(text))] == found
