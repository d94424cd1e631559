import numpy as np


def test_only_candidates_may_become_hits(session, evidence_of):
    session.turn(is_candidate=False).turn().turn(is_candidate=False)
    evidence = evidence_of(session)
    assert len(evidence) == 3
    assert evidence.candidates.tolist() == [1]


def test_a_neighbour_is_found_at_its_distance(session, evidence_of):
    for number in range(5):
        session.turn(is_candidate=number in {1, 2})
    evidence = evidence_of(session)
    numbers = np.arange(5.0)
    assert evidence.at(0, numbers).tolist() == [1, 2]
    assert evidence.at(-1, numbers).tolist() == [0, 1]
    assert evidence.at(2, numbers).tolist() == [3, 4]


def test_beyond_the_ends_of_a_session_there_is_nothing(session, other_session, evidence_of):
    evidence = evidence_of(session.turn(), other_session.turn())
    for distance in (-2, -1, 1, 2):
        assert evidence.at(distance, np.array([1.0, 2.0])).tolist() == [0, 0]


def test_a_column_of_rows_keeps_its_shape_at_a_distance(session, evidence_of):
    session.turn(term_ranks=(1, 2)).turn(term_ranks=(3, 4))
    evidence = evidence_of(session, terms=2)
    assert evidence.at(1, evidence.term_ranks).tolist() == [[3, 4], [0, 0]]


def test_a_row_without_any_term_has_no_ranks(session, evidence_of):
    session.turn(term_ranks=()).turn(term_ranks=(0.5, 0))
    assert evidence_of(session, terms=2).term_ranks.tolist() == [[0, 0], [0.5, 0]]


def test_the_best_of_a_session_counts_neighbours_and_leaves_other_sessions_alone(
    session, other_session, evidence_of
):
    session.turn(cosine=0.1).turn(is_candidate=False, cosine=0.9)
    other_session.turn(cosine=0.5).turn(cosine=None)
    evidence = evidence_of(session, other_session)
    assert evidence.best_of_session(evidence.cosines).tolist() == [0.9, 0.5, 0.5]


def test_a_session_without_any_value_has_no_best(session, evidence_of):
    evidence = evidence_of(session.turn().turn())
    assert np.isnan(evidence.best_of_session(evidence.cosines)).all()


def test_nothing_found_is_no_row(evidence_of):
    evidence = evidence_of()
    assert len(evidence) == 0
    assert evidence.best_of_session(evidence.cosines).tolist() == []
