from datetime import UTC, date, datetime

import pytest

from sage.retrieval.ranking.signals.times import near_dates, nearness, tells_time, touches_time
from sage.retrieval.text.dates import NamedDate


def at(year, month, day):
    return date(year, month, day)


@pytest.mark.parametrize("asked", [NamedDate(2023, 5, 8), NamedDate(None, 5, 8)])
def test_the_day_itself_is_nearest_and_days_after_it_fade(asked):
    values = [nearness(at(2023, 5, day), asked) for day in (8, 9, 20)]
    assert values[0] == 1
    assert values == sorted(values, reverse=True)
    assert nearness(at(2023, 6, 20), asked) == 0


def test_a_day_before_counts_no_more_than_its_month():
    assert nearness(at(2023, 5, 7), NamedDate(2023, 5, 8)) == nearness(
        at(2023, 5, 1), NamedDate(2023, 5, 8)
    )
    assert nearness(at(2023, 4, 30), NamedDate(2023, 5, 8)) == 0


def test_a_day_without_a_year_reaches_over_new_year():
    assert nearness(at(2024, 1, 2), NamedDate(None, 12, 31)) > 0


def test_a_month_is_told_in_it_and_in_the_next():
    asked = NamedDate(2023, 12)
    assert nearness(at(2023, 12, 5), asked) > nearness(at(2024, 1, 5), asked) > 0
    assert nearness(at(2023, 11, 5), asked) == 0
    assert nearness(at(2022, 12, 5), asked) == 0


def test_a_month_without_a_year_is_any_of_that_name():
    assert nearness(at(2021, 5, 5), NamedDate(None, 5)) == nearness(
        at(2023, 5, 5), NamedDate(None, 5)
    )


def test_a_year_is_a_faint_hint():
    assert 0 < nearness(at(2023, 5, 8), NamedDate(2023)) < 0.5
    assert nearness(at(2022, 5, 8), NamedDate(2023)) == 0


def test_a_day_that_does_not_exist_is_near_nothing_but_its_month():
    assert nearness(at(2023, 3, 1), NamedDate(2023, 2, 30)) == 0


def test_the_nearest_of_several_dates_counts(session, evidence_of):
    session.turn(created_at=datetime(2023, 5, 8, 12, tzinfo=UTC))
    dates = (NamedDate(2020, 1, 1), NamedDate(2023, 5, 8))
    assert near_dates(evidence_of(session), dates).tolist() == [1]
    assert near_dates(evidence_of(session), ()).tolist() == [0]


def test_a_time_told_answers_when(session, evidence_of):
    evidence = evidence_of(session.turn(dated=True, timed=True).turn(timed=True).turn())
    assert tells_time(evidence, asks_when=True).tolist() == [1, 0, 0]
    assert touches_time(evidence, asks_when=True).tolist() == [0, 0, 0]


def test_other_questions_are_helped_a_little_by_any_time(session, evidence_of):
    evidence = evidence_of(session.turn(dated=True, timed=True).turn(timed=True).turn())
    assert tells_time(evidence, asks_when=False).tolist() == [0, 0, 0]
    assert touches_time(evidence, asks_when=False).tolist() == [1, 1, 0]
