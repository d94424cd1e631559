"""How relevance compares with what is asked for, and how it is shown."""

from datetime import UTC, datetime

import pytest

from sage.domain.ids import new_memory_id
from sage.domain.memories import Memory, Role
from sage.domain.relevance import MinRelevance, Relevance, validate_min_relevance
from sage.domain.searching import Hit
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


@pytest.mark.parametrize(("likely", "shown"), [(0.0004, 0.01), (0.126, 0.13), (None, None)])
def test_a_hit_is_never_shown_as_one_that_cannot_answer(likely, shown):
    told_at = datetime(2023, 5, 8, tzinfo=UTC)
    memory = Memory(new_memory_id(), "talk", Role.USER, None, "The heron nests.", told_at, {})
    assert Hit.of(memory, 0.5, {}, likely).rounded(explain=False).probability == shown
