"""What the fit and the measurement of relevance compute."""

from collections import Counter

import numpy as np
import pytest

from benchmarks.relevance.logistic import fitted_logistic
from benchmarks.relevance.measure import calibration_error
from benchmarks.relevance.questions import Kind, foreign, off_topic, own
from benchmarks.relevance.stores import LANGUAGES, MERGED, language_stores, stores_of
from sage.benchmark.conversations import own_sets
from sage.retrieval.relevance.judgement import probability


def test_a_fit_finds_the_function_that_made_the_answers():
    rng = np.random.default_rng(5)
    features = {"near": rng.normal(size=4_000), "noise": rng.normal(size=4_000)}
    truth = (rng.random(4_000) < probability(3 * features["near"] - 1)).astype(float)
    fitted = fitted_logistic(features, truth, np.ones(4_000))
    assert fitted.weights["near"] == pytest.approx(3, rel=0.1)
    assert fitted.weights["noise"] == pytest.approx(0, abs=0.2)
    assert fitted.intercept == pytest.approx(-1, rel=0.2)


def test_probabilities_that_come_true_as_often_as_they_say_have_no_calibration_error():
    likely = np.repeat([0.25, 0.75], 4)
    truth = np.array([1, 0, 0, 0, 1, 1, 1, 0], dtype=float)
    assert calibration_error(likely, truth) == 0
    assert calibration_error(likely, 1 - truth) == pytest.approx(0.5)


def test_a_question_of_another_conversation_names_the_people_of_this_one():
    talks = {one.name: one.conversations[0] for one in own_sets()}
    talk = talks["english"]
    renamed = [question.text for question in foreign(talk, [talk])]
    assert renamed == [question.text for question in talk.questions]
    plain = list(foreign(talks["english"], [talks["chinese"]]))
    assert all(question.kind is Kind.FOREIGN and not question.evidence for question in plain)


def test_nothing_that_is_measured_off_topic_is_used_for_the_fit():
    talk = own_sets()[0].conversations[0]
    asked = {kind: set() for kind in Kind}
    for question in off_topic(talk):
        asked[question.kind].add(question.text)
    assert len(asked[Kind.OFF_TOPIC]) == 100
    assert not asked[Kind.OFF_TOPIC] & asked[Kind.OFF_TOPIC_FIT]


def test_what_is_held_out_is_in_no_store_that_is_fitted_on():
    stores = list(stores_of(own_sets()))
    held_out = {one.group for one in stores if one.held_out} - {MERGED}
    for store in stores:
        if not store.held_out:
            assert not held_out & {talk.name for talk in store.talks}
        known = {
            f"{talk.name} {turn.label}"
            for talk in store.talks
            for turns in talk.sessions
            for turn in turns
        }
        inside = [question for question in store.questions if question.evidence]
        assert all(question.evidence & known for question in inside)
    assert any(list(own(talk)) for store in stores for talk in store.talks)


def test_what_is_measured_in_eight_languages_was_not_fitted_on():
    texts, answered, asked = ({True: set(), False: set()} for _ in range(3))
    for store in language_stores():
        (talk,) = store.talks
        kept = {turn.message.content for turn in talk.sessions[0]}
        assert len(kept) == (store.messages or 26)
        texts[store.held_out] |= kept
        answered[store.held_out] |= {one.text for one in store.questions if one.evidence}
        asked[store.held_out] |= {one.kind for one in store.questions}
    assert asked[True] == {Kind.OWN, Kind.ELSEWHERE, Kind.OFF_TOPIC}
    assert asked[False] == {Kind.OWN, Kind.ELSEWHERE, Kind.OFF_TOPIC_FIT}
    assert len(texts[True]) == len(texts[False]) == 8 * 26
    assert not texts[True] & texts[False]
    assert not answered[True] & answered[False]


def test_a_store_is_asked_at_most_so_many_questions_of_a_kind():
    for store in stores_of(own_sets(), at_most=2):
        asked = Counter(
            (one.kind, one.across)
            for one in store.questions
            if one.kind in {Kind.OWN, Kind.FOREIGN}
        )
        assert store.view == LANGUAGES or not asked or max(asked.values()) <= 3
