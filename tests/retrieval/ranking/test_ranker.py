import numpy as np
import pytest

from sage.retrieval.query.questions import parse_question
from sage.retrieval.ranking.ranker import (
    PLAIN_WEIGHTS,
    STANDARDISED_WEIGHTS,
    rank_candidates,
    signals_of,
)


def question(text="when did anna paint the lake", names=("anna",)):
    return parse_question(text).about(frozenset(names))


def terms(*ranks):
    return {"term_ranks": ranks}


def test_every_signal_has_a_weight_and_every_weight_a_signal(session, evidence_of):
    evidence = evidence_of(session.turn(**terms(0, 0, 0)))
    assert set(signals_of(evidence, question())) == {*STANDARDISED_WEIGHTS, *PLAIN_WEIGHTS}


def test_the_score_falls_with_the_rank_and_lies_between_0_and_1(session, evidence_of):
    for number in range(30):
        session.turn(cosine=number / 40, word_rank=number % 7, **terms(number % 2, 0.6, 0))
    hits = rank_candidates(evidence_of(session), question(), 50)
    scores = [hit.score for hit in hits]
    assert len(hits) == 30
    assert scores == sorted(scores, reverse=True)
    assert 0 < scores[-1] < scores[0] < 1


@pytest.mark.parametrize(
    "better",
    [
        {"cosine": 0.9},
        {"word_rank": 0.9},
        {"name": "Anna"},
        {"dated": True},
        {"speaks_of_self": True},
        terms(0, 0.6, 0.6),
    ],
    ids=str,
)
def test_each_reason_alone_brings_a_turn_to_the_front(better, session, other_session, evidence_of):
    plain = {"cosine": 0.5, "word_rank": 0.1, "name": "Ben", **terms(0, 0, 0)}
    session.turn(**plain)
    other_session.turn(**(plain | better))
    best = rank_candidates(evidence_of(session, other_session), question(), 50)[0]
    assert best.memory_id.int == 100


def test_a_question_stands_behind_a_statement(session, other_session, evidence_of):
    plain = {"cosine": 0.5, **terms(0, 0, 0)}
    evidence = evidence_of(session.turn(asks=True, **plain), other_session.turn(**plain))
    assert rank_candidates(evidence, question(), 50)[0].memory_id.int == 100


def test_neighbours_take_part_but_are_no_hits(session, evidence_of):
    session.turn(is_candidate=False, cosine=0.9, **terms(0, 0, 0)).turn(
        cosine=0.1, **terms(0, 0, 0)
    )
    assert [hit.memory_id.int for hit in rank_candidates(evidence_of(session), question(), 50)] == [
        2
    ]


def test_of_equal_candidates_the_newer_comes_first(session, other_session, evidence_of):
    for each in (other_session, session):
        each.turn(cosine=0.5, **terms(0, 0, 0)).turn(cosine=0.5, **terms(0, 0, 0))
    hits = rank_candidates(evidence_of(other_session, session), question(), 50)
    assert [hit.memory_id.int for hit in hits] == [101, 2, 100, 1]


def test_without_any_vector_words_decide(session, evidence_of):
    session.turn(word_rank=0.1, **terms(0, 0, 0)).turn(word_rank=0.9, **terms(0, 0.6, 0.6))
    hits = rank_candidates(evidence_of(session), question(), 50)
    assert hits[0].memory_id.int == 2
    assert "meaning" not in hits[0].signals


def test_signals_are_plain_numbers(session, evidence_of):
    hits = rank_candidates(evidence_of(session.turn(cosine=0.5, **terms(0, 0, 0))), question(), 50)
    assert all(type(value) is float and np.isfinite(value) for value in hits[0].signals.values())


def test_nothing_read_is_nothing_ranked(evidence_of):
    assert rank_candidates(evidence_of(), question(), 50) == []
