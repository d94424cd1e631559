import dataclasses

import numpy as np
import pytest

from sage.retrieval.ranking.signals.meaning import surrounding_meaning, turn_meaning


def test_a_turn_means_what_its_cosine_says(session, evidence_of):
    session.turn(cosine=0.3).turn(cosine=None).turn(is_candidate=False, cosine=0.9)
    values = turn_meaning(evidence_of(session))
    assert values[0] == 0.3
    assert np.isnan(values[1])
    assert len(values) == 2


def test_near_neighbours_weigh_more_than_far_ones(session, evidence_of):
    for cosine in (0.0, 0.0, 1.0, 0.0, 0.0):
        session.turn(cosine=cosine)
    values = surrounding_meaning(evidence_of(session))
    assert values[2] > values[1] > values[0] > 0


def test_a_turn_is_not_surrounded_by_another_session(session, other_session, evidence_of):
    values = surrounding_meaning(evidence_of(session.turn(cosine=0), other_session.turn(cosine=1)))
    assert values.tolist() == [0, 1]


def test_a_turn_without_vector_takes_the_meaning_of_its_neighbours(session, evidence_of):
    values = surrounding_meaning(evidence_of(session.turn(cosine=None).turn(cosine=0.6)))
    assert values[0] == pytest.approx(0.6)


def test_without_any_vector_there_is_no_meaning(session, evidence_of):
    evidence = evidence_of(session.turn().turn())
    assert np.isnan(turn_meaning(evidence)).all()
    assert np.isnan(surrounding_meaning(evidence)).all()


def test_without_a_vector_of_the_question_there_is_no_meaning(session, evidence_of):
    evidence = evidence_of(session.turn(cosine=0.5))
    wordy = dataclasses.replace(evidence, vectors=None, question=None)
    assert np.isnan(turn_meaning(wordy)).all()
    assert np.isnan(surrounding_meaning(wordy)).all()
