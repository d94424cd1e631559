"""Cursors: opaque, exact, and refused when they are not ours."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sage.domain.listing import ListPosition, PageRequest
from sage.errors import InvalidInputError
from tests.support.each import each

YEAR_1000 = datetime(1000, 1, 1, tzinfo=UTC)
SECONDS = st.integers(0, 8_000 * 365 * 24 * 3600)
MOMENTS = st.builds(
    lambda seconds, microseconds: YEAR_1000 + timedelta(seconds=seconds, microseconds=microseconds),
    SECONDS,
    st.integers(0, 999_999),
)


@given(MOMENTS, st.uuids())
def test_a_cursor_gives_back_its_position_to_the_microsecond(created_at, memory_id):
    position = ListPosition(created_at, memory_id)
    assert ListPosition.from_cursor(position.to_cursor()) == position


@each("cursor", ["", "x", "x" * 32, "猫", "=" * 32, "A" * 22, "A" * 31, "A" * 10_000])
def test_what_is_no_cursor_is_refused_with_a_hint(cursor):
    with pytest.raises(InvalidInputError, match="is not a cursor") as refused:
        PageRequest(cursor=cursor)
    assert refused.value.hint


@pytest.mark.parametrize("limit", [0, -1, 101, 10**30])
def test_a_page_has_between_1_and_100_entries(limit):
    with pytest.raises(InvalidInputError, match="limit"):
        PageRequest(limit=limit)
