import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sage.providers.remote.faults import MalformedResponseError
from sage.providers.remote.vectors import parse_vectors
from tests.support.each import each


def entry(index, *numbers):
    return {"object": "embedding", "index": index, "embedding": list(numbers)}


def test_vectors_stand_in_the_order_of_their_index_as_units():
    answer = {"data": [entry(1, 0, 5), entry(0, 3, 4)]}
    assert parse_vectors(answer, 2, 2) == pytest.approx(np.array([[0.6, 0.8], [0, 1]]))


def test_without_an_index_the_order_of_the_answer_counts():
    answer = {"data": [{"embedding": [1, 0]}, {"embedding": [0, 1]}]}
    assert parse_vectors(answer, 2, 2) == pytest.approx(np.eye(2))


@each(
    ("document", "message"),
    [
        ({}, "no vectors"),
        ([], "no vectors"),
        ({"data": None}, "no vectors"),
        ({"data": [entry(0, 1, 0)]}, "1 vectors for 2 texts"),
        ({"data": [entry(0, 1, 0)] * 3}, "3 vectors for 2 texts"),
        ({"data": [entry(0, 1, 0), entry(0, 0, 1)]}, "two vectors for one text"),
        ({"data": [entry(0, 1, 0), entry(2, 0, 1)]}, "without a valid index"),
        ({"data": [entry(0, 1, 0), entry(-1, 0, 1)]}, "without a valid index"),
        ({"data": [entry(0, 1, 0), entry("1", 0, 1)]}, "without a valid index"),
        (
            {"data": [entry(0, 1, 0), {"index": 1, "embedding": "AACAPw=="}]},
            "without a valid index",
        ),
        ({"data": [entry(0, 1, 0), entry(1, 1, 0, 0)]}, "3 dimensions, expected 2"),
        ({"data": [entry(0, 1, 0), entry(1)]}, "0 dimensions, expected 2"),
        ({"data": [entry(0, 1, 0), entry(1, float("nan"), 0)]}, "not finite"),
        ({"data": [entry(0, 1, 0), entry(1, float("inf"), 0)]}, "not finite"),
        ({"data": [entry(0, 1, 0), entry(1, 0, 0)]}, "a zero vector"),
        ({"data": [entry(0, 1, 0), entry(1, "tea", 0)]}, "other than numbers"),
        ({"data": [entry(0, 1, 0), entry(1, None, 0)]}, "finite|other than numbers"),
        ({"data": [entry(0, 1, 0), entry(1, [1], 0)]}, "other than numbers"),
        ({"data": [entry(0, [1], [0]), entry(1, [0], [1])]}, "other than numbers"),
        ({"data": [entry(0, 1, 0), entry(1, 10**400, 0)]}, "other than numbers"),
    ],
)
def test_malformed_vectors_are_refused(document, message):
    with pytest.raises(MalformedResponseError, match=message):
        parse_vectors(document, 2, 2)


def test_another_length_names_the_setting_that_fits_it():
    with pytest.raises(MalformedResponseError) as refusal:
        parse_vectors({"data": [entry(0, 1, 0, 0)]}, 1, 2)
    assert refusal.value.hint.startswith("set EMBEDDING_DIMENSIONS=3 ")


@given(
    st.lists(st.floats(allow_nan=False, allow_infinity=False), min_size=3, max_size=3).filter(any)
)
def test_every_vector_with_a_direction_becomes_a_unit(numbers):
    (vector,) = parse_vectors({"data": [entry(0, *numbers)]}, 1, 3)
    assert vector.dtype == np.float32
    assert np.linalg.norm(vector) == pytest.approx(1, abs=1e-5)
