import numpy as np

from sage.retrieval.signals.meaning import surrounding_meaning, turn_meaning


def test_a_turn_means_what_its_cosine_says(session, evidence_of):
    session.turn(cosine=0.3).turn(cosine=None).turn(is_candidate=False, cosine=0.9)
    values = turn_meaning(evidence_of(session))
    assert values[0] == 0.3
    assert np.isnan(values[1])
    assert len(values) == 2


def test_the_surroundings_of_a_turn_mean_what_the_cosine_of_their_mean_says(session, evidence_of):
    session.turn(is_candidate=False).turn(surrounding_cosine=0.4).turn(surrounding_cosine=None)
    values = surrounding_meaning(evidence_of(session))
    assert values[0] == 0.4
    assert np.isnan(values[1])
