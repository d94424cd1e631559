"""How relevance compares with what is asked for."""

import pytest

from sage.domain.relevance import MinRelevance, Relevance, validate_min_relevance
from sage.errors import InvalidInputError


@pytest.mark.parametrize(
    ("relevance", "reached"),
    [
        (Relevance.STRONG, {"strong", "weak", "none"}),
        (Relevance.WEAK, {"weak", "none"}),
        (Relevance.NONE, {"none"}),
        (Relevance.UNKNOWN, {"strong", "weak", "none"}),
    ],
)
def test_a_relevance_reaches_what_is_no_better_and_the_unknown_reaches_all(relevance, reached):
    assert {str(least) for least in MinRelevance if relevance.reaches(least)} == reached


@pytest.mark.parametrize("wrong", ["unknown", "", "Strong", 1, None])
def test_only_three_words_say_how_relevant_a_memory_must_be(wrong):
    with pytest.raises(InvalidInputError, match="min_relevance"):
        validate_min_relevance("min_relevance", wrong)
