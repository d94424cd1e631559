import numpy as np
import pytest

from sage.retrieval.fusion import standard_scores


def test_scores_are_distances_from_the_mean_in_deviations():
    scores = standard_scores(np.array([1.0, 2.0, 3.0]))
    assert scores.mean() == pytest.approx(0)
    assert scores.std() == pytest.approx(1)
    assert scores[0] < scores[1] < scores[2]


def test_scale_and_offset_do_not_matter():
    values = np.array([0.1, 0.5, 0.3])
    assert standard_scores(values) == pytest.approx(standard_scores(1000 * values + 7))


@pytest.mark.parametrize("values", [[2.0, 2.0], [np.nan, np.nan], [5.0], []])
def test_values_that_say_nothing_weigh_nothing(values):
    assert standard_scores(np.array(values)).tolist() == [0] * len(values)


def test_a_missing_value_stands_in_the_middle():
    low, missing, high = standard_scores(np.array([1.0, np.nan, 3.0]))
    assert low < missing == 0 < high
