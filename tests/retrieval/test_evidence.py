import numpy as np


def test_candidates_come_first_whatever_the_order_of_the_rows(session, evidence_of):
    session.turn(candidate=False, word_rank=1).turn(word_rank=2).turn(candidate=False, word_rank=3)
    evidence = evidence_of(session)
    assert evidence.candidates == 1
    assert list(evidence.word_ranks) == [2, 1, 3]


def test_a_neighbour_is_found_at_its_distance(session, evidence_of):
    for number in range(5):
        session.turn(candidate=number in {1, 2}, word_rank=number)
    evidence = evidence_of(session)
    assert list(evidence.at(-1, evidence.word_ranks)) == [0, 1]
    assert list(evidence.at(2, evidence.word_ranks)) == [3, 4]


def test_beyond_the_ends_of_a_session_there_is_nothing(session, other_session, evidence_of):
    evidence = evidence_of(session.turn(word_rank=1), other_session.turn(word_rank=2))
    for distance in (-2, -1, 1, 2):
        assert np.isnan(evidence.at(distance, evidence.word_ranks)).all()


def test_a_column_of_rows_keeps_its_shape_at_a_distance(session, evidence_of):
    session.turn(term_ranks=(1, 2)).turn(term_ranks=(3, 4))
    evidence = evidence_of(session)
    assert evidence.at(1, evidence.term_ranks)[0].tolist() == [3, 4]


def test_the_best_of_a_session_counts_neighbours_and_leaves_other_sessions_alone(
    session, other_session, evidence_of
):
    session.turn(cosine=0.1).turn(candidate=False, cosine=0.9)
    other_session.turn(cosine=0.5).turn(cosine=None)
    evidence = evidence_of(session, other_session)
    assert evidence.best_of_session(evidence.cosines).tolist() == [0.9, 0.5, 0.5]


def test_a_session_without_any_value_has_no_best(session, evidence_of):
    evidence = evidence_of(session.turn().turn())
    assert np.isnan(evidence.best_of_session(evidence.cosines)).all()
