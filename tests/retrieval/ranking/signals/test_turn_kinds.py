from sage.retrieval.ranking.signals.turns import asks, replies, speaks_of_self


def test_a_reply_is_the_turn_right_after_a_question(session, evidence_of):
    evidence = evidence_of(session.turn(asks=True).turn().turn())
    assert asks(evidence).tolist() == [1, 0, 0]
    assert replies(evidence).tolist() == [0, 1, 0]


def test_a_question_that_is_only_a_neighbour_still_has_its_reply(session, evidence_of):
    assert replies(evidence_of(session.turn(is_candidate=False, asks=True).turn())).tolist() == [1]


def test_a_question_in_another_session_is_not_replied_to(session, other_session, evidence_of):
    evidence = evidence_of(session.turn(asks=True), other_session.turn())
    assert replies(evidence).tolist() == [0, 0]


def test_the_first_person_is_passed_on(session, evidence_of):
    evidence = evidence_of(session.turn(speaks_of_self=True).turn())
    assert speaks_of_self(evidence).tolist() == [1, 0]
