import numpy as np
import pytest

from sage.retrieval.ranking.signals.words import (
    rarity,
    saturated,
    surrounding_words,
    turn_rarity,
    turn_words,
)


def test_the_rank_of_a_turn_is_its_own(session, evidence_of):
    session.turn(word_rank=0.2).turn(is_candidate=False, word_rank=0.7)
    assert turn_words(evidence_of(session)).tolist() == [0.2]


def test_words_of_neighbours_count_as_one_text_with_the_turn(session, evidence_of):
    session.turn(term_ranks=(0.6, 0)).turn(term_ranks=(0, 0.6)).turn(term_ranks=(0, 0))
    session.turn(term_ranks=(0, 0)).turn(term_ranks=(0, 0))
    values = surrounding_words(evidence_of(session, terms=2), [0, 1])
    assert values[0] == values[1] == values[2]
    assert values[3] < values[0]
    assert values[4] == 0


def test_only_the_terms_of_the_topic_count(session, evidence_of):
    session.turn(term_ranks=(0.6, 0)).turn(term_ranks=(0, 0.6))
    assert turn_rarity(evidence_of(session, terms=2), [1])[0] == 0


def test_a_rare_term_weighs_more_than_a_common_one():
    ranks = np.array([[0.6, 0.6], [0.6, 0], [0.6, 0], [0, 0]])
    common, rare = rarity(ranks)
    assert rare > common > 0


def test_the_second_occurrence_adds_less_than_the_first():
    none, once, twice = saturated(np.array([0, 1, 2.0]))
    assert none == 0
    assert once == pytest.approx(1.0)
    assert twice - once < once


def test_without_terms_there_are_no_words_in_common(session, evidence_of):
    evidence = evidence_of(session.turn().turn())
    assert surrounding_words(evidence, []).tolist() == [0, 0]
    assert turn_rarity(evidence, []).tolist() == [0, 0]
