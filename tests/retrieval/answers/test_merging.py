"""What was found in several spaces becomes one answer."""

from datetime import UTC, datetime
from uuid import UUID

import pytest

from sage.domain.exchanges import AskedBefore
from sage.domain.memories import Role
from sage.domain.relevance import Relevance
from sage.domain.searching import Degradation, Hit, SearchResult
from sage.retrieval.answers.merging import merge_spaces

STRONG, WEAK, NONE, UNKNOWN = Relevance


def hit(number, score, probability=None, **signals):
    now = datetime(2026, 3, 1, tzinfo=UTC)
    return Hit(
        UUID(int=number), "s", Role.USER, None, "tea", now, None, probability, score, signals
    )


def numbers(found):
    return [one.memory_id.int for one in found.hits]


def test_probability_puts_hits_of_several_spaces_into_one_order():
    left = SearchResult((hit(1, 0.9, 0.8), hit(2, 0.8, 0.1)), STRONG)
    right = SearchResult((hit(3, 0.99, 0.5), hit(4, 0.7, 0.3)), WEAK)
    found = merge_spaces({"left": left, "right": right}, 3)
    assert numbers(found) == [1, 3, 4]
    assert [one.space for one in found.hits] == ["left", "right", "right"]


def test_the_order_inside_a_space_stays_also_where_probabilities_do_not_fall():
    left = SearchResult((hit(1, 0.9, 0.2), hit(2, 0.8, 0.7)), STRONG)
    right = SearchResult((hit(3, 0.9, 0.5),), STRONG)
    found = merge_spaces({"left": left, "right": right}, 5)
    assert numbers(found) == [1, 2, 3]
    scores = [one.standing for one in found.hits]
    assert scores == sorted(scores, reverse=True)
    assert [one.probability for one in found.hits] == [0.2, 0.7, 0.5]


def test_where_a_probability_is_unknown_the_signals_of_all_are_compared():
    left = SearchResult((hit(1, 0.9, meaning=0.3), hit(2, 0.4, meaning=0.2)))
    right = SearchResult((hit(3, 0.8, 0.4, meaning=0.8), hit(4, 0.5, 0.1, meaning=0.6)))
    assert numbers(merge_spaces({"left": left, "right": right}, 4)) == [3, 4, 1, 2]


@pytest.mark.parametrize(
    ("spaces", "whole"),
    [
        ((STRONG, NONE), STRONG),
        ((UNKNOWN, STRONG), STRONG),
        ((WEAK, NONE), WEAK),
        ((WEAK, UNKNOWN), UNKNOWN),
        ((NONE, UNKNOWN), UNKNOWN),
        ((NONE, NONE), NONE),
    ],
)
def test_the_space_that_answers_best_tells_the_relevance(spaces, whole):
    found = {str(number): SearchResult((), one) for number, one in enumerate(spaces)}
    assert merge_spaces(found, 5).relevance is whole


def test_what_was_skipped_in_every_space_is_told_once():
    skipped = SearchResult((), degraded=(Degradation("embedding", "it is away"),))
    assert merge_spaces({"left": skipped, "right": skipped}, 5).degraded == skipped.degraded


def test_vain_asks_of_several_spaces_are_added_and_others_in_other_words_where_nothing_answers():
    early, late = (datetime(2026, 3, day, tzinfo=UTC) for day in (1, 2))
    once, twice = AskedBefore(1, late), AskedBefore(2, early)
    left = SearchResult((), NONE, asked=once, asked_similar=AskedBefore(3, late))
    for relevance, told in ((NONE, AskedBefore(5, late)), (WEAK, AskedBefore(3, late))):
        right = SearchResult((hit(1, 0.9, 0.3),), relevance, asked=twice, asked_similar=twice)
        assert merge_spaces({"left": left, "right": right}, 3).asked_before == told
