import numpy as np
import pytest

from sage.retrieval.ranking.standardization import standard_scores, standard_scores_across


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


def test_own_candidates_stand_as_if_there_were_no_foreign_ones():
    values, debiased = np.random.default_rng(1).random((2, 60))
    other_language = np.arange(60) >= 40
    across = standard_scores_across(values, debiased, other_language)
    assert across[:40] == pytest.approx(standard_scores(values[:40]))


def test_a_foreign_candidate_stands_by_what_is_owed_to_its_meaning_alone():
    values, debiased = np.random.default_rng(2).random((2, 60))
    other_language = np.arange(60) >= 40
    values[other_language], debiased[50] = 0, 2
    across = standard_scores_across(values, debiased, other_language)
    assert across.argmax() == 50


def test_words_a_foreign_candidate_cannot_share_say_nothing_of_it():
    ranks = np.random.default_rng(3).random(60)
    other_language = np.arange(60) >= 40
    ranks[other_language], ranks[45] = 0, 1
    across = standard_scores_across(ranks, None, other_language)
    assert (across[other_language] == 0).sum() == 19
    assert across[45] > 0


def test_too_few_own_candidates_are_no_measure():
    values, debiased = np.random.default_rng(4).random((2, 60))
    other_language = np.arange(60) >= 2
    assert standard_scores_across(values, debiased, other_language)[:2] == pytest.approx(
        standard_scores(debiased)[:2]
    )
