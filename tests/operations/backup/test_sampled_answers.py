"""What two databases answered is compared search by search."""

from sage.operations.backup.sampled_answers import (
    NOT_SEARCHED,
    SampledAnswer,
    SampledAnswers,
    compare_answers,
)

ANSWERS = SampledAnswers(
    "a", (SampledAnswer("1", ("1", "2"), ("1",)), SampledAnswer("2", ("2",), ()))
)


def test_each_search_that_found_something_else_in_another_order_or_nothing_is_counted():
    turned = SampledAnswers("a", (SampledAnswer("1", ("2", "1"), ("1",)), ANSWERS.found[1]))
    for other, differing in (
        (ANSWERS, 0),
        (turned, 1),
        (SampledAnswers("a", ANSWERS.found[:1]), 2),
    ):
        assert compare_answers(ANSWERS, other) == (4, differing)
        assert compare_answers(other, ANSWERS) == (4, differing)


def test_databases_that_were_not_searched_alike_are_not_compared():
    for other in (NOT_SEARCHED, SampledAnswers("b", ANSWERS.found)):
        assert compare_answers(ANSWERS, other) == (0, 0)
