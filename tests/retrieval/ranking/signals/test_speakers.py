import numpy as np

from sage.retrieval.ranking.signals.turns import said_by

ANNA = frozenset({"anna"})


def test_turns_of_the_person_asked_about_stand_out(session, evidence_of):
    session.turn(name="Anna Berg").turn(name="Ben").turn(name="Ann")
    assert said_by(evidence_of(session), ANNA, np.zeros(3)).tolist() == [1, 0, 0]


def test_a_person_is_known_by_a_name_in_chinese_too(session, evidence_of):
    session.turn(name="孙悦").turn(name="周立")
    assert said_by(evidence_of(session), frozenset({"孙悦"}), np.zeros(2)).tolist() == [1, 0]


def test_two_people_or_none_say_nothing(session, evidence_of):
    evidence = evidence_of(session.turn(name="Anna").turn(name="Ben"))
    for names in (frozenset(), frozenset({"anna", "ben"})):
        assert said_by(evidence, names, np.zeros(2)).tolist() == [0, 0]


def test_without_names_the_one_who_is_called_is_not_the_one_who_calls(session, evidence_of):
    session.turn(role="user").turn(role="assistant").turn(role="assistant")
    mentions = np.array([0, 1, 1.0])
    user, assistant, _ = said_by(evidence_of(session), ANNA, mentions)
    assert user > 0 > assistant


def test_the_guess_is_made_for_each_session_by_itself(session, other_session, evidence_of):
    session.turn(role="user").turn(role="assistant")
    other_session.turn(role="user").turn(role="assistant")
    evidence = evidence_of(session, other_session)
    keys = list(zip(evidence.found.session_id, evidence.found.role, strict=True))
    mentions = [key in {("talk", "assistant"), ("other", "user")} for key in keys]
    values = dict(zip(keys, said_by(evidence, ANNA, np.array(mentions, dtype=float)), strict=True))
    assert values["talk", "user"] > 0 > values["talk", "assistant"]
    assert values["other", "assistant"] > 0 > values["other", "user"]


def test_a_name_nobody_mentions_says_nothing(session, evidence_of):
    evidence = evidence_of(session.turn(role="user").turn(role="assistant"))
    assert said_by(evidence, ANNA, np.zeros(2)).tolist() == [0, 0]
