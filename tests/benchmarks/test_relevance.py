"""The fit and the evaluation of the relevance."""

from collections import Counter
from dataclasses import replace

import numpy as np
import pytest

from benchmarks.relevance.asking import ask_all
from benchmarks.relevance.few_stores import few_stores
from benchmarks.relevance.large_stores import LARGE, large_stores
from benchmarks.relevance.logistic import fitted_logistic
from benchmarks.relevance.measure import calibration_error
from benchmarks.relevance.questions import Kind, foreign, off_topic, own
from benchmarks.relevance.stores import BOTH, Store, language_stores, others_than, stores_of
from benchmarks.relevance.talk import described
from sage.cli.benchmark.conversations import ConversationSet, own_sets
from sage.errors import InvalidInputError
from sage.retrieval.relevance.classification import probability
from tests.support.serving import settings_for


def test_a_fit_finds_the_function_that_generated_the_data():
    rng = np.random.default_rng(5)
    features = {"near": rng.normal(size=4_000), "noise": rng.normal(size=4_000)}
    truth = (rng.random(4_000) < probability(3 * features["near"] - 1)).astype(float)
    fitted = fitted_logistic(features, truth, np.ones(4_000), ridge=1.0)
    assert fitted.weights["near"] == pytest.approx(3, rel=0.1)
    assert fitted.weights["noise"] == pytest.approx(0, abs=0.2)
    assert fitted.intercept == pytest.approx(-1, rel=0.2)


def test_calibrated_probabilities_have_no_calibration_error():
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


def test_no_off_topic_question_of_the_evaluation_is_used_for_the_fit():
    talk = own_sets()[0].conversations[0]
    asked = {kind: set() for kind in Kind}
    for question in off_topic(talk):
        asked[question.kind].add(question.text)
    assert len(asked[Kind.OFF_TOPIC]) == 100
    assert not asked[Kind.OFF_TOPIC] & asked[Kind.OFF_TOPIC_FIT]


@pytest.fixture
def sets():
    three = [one.conversations[0] for one in own_sets()[:2]]
    return [ConversationSet("three", (*three, replace(three[0], name="third")))]


@pytest.fixture
def stores(sets):
    filler = [[f"{session}:{place}" for place in range(20)] for session in range(1_500)]
    return [*stores_of(sets), *large_stores(sets, filler)]


def test_held_out_conversations_are_in_no_store_used_for_the_fit(stores):
    held_out = {one.group for one in stores if one.held_out and one.language != BOTH}
    assert "third" not in held_out
    for store in stores:
        assert store.held_out or not any(store.holds(group) for group in held_out)
        known = {
            f"{talk.name} {turn.label}"
            for talk in store.talks
            for turns in talk.sessions
            for turn in turns
        }
        inside = [question for question in store.questions if question.evidence]
        assert all(question.evidence & known for question in inside)


def test_questions_used_for_the_fit_are_not_about_held_out_conversations():
    talks = [replace(own_sets()[0].conversations[0], name=str(place)) for place in range(6)]
    asked_from = [[other.name for other in others_than(talks, place)] for place in range(6)]
    assert asked_from == [["2", "3"], ["2", "3"], ["3", "5"], ["5", "0"], ["5", "0"], ["0", "2"]]


def test_small_stores_answer_their_own_questions_and_no_others():
    few = list(few_stores())
    for store in few:
        (talk,) = store.talks
        known = {f"{talk.name} {turn.label}" for turns in talk.sessions for turn in turns}
        assert not store.held_out
        for question in store.questions:
            assert question.evidence <= known
            assert bool(question.evidence) is (question.kind is Kind.OWN)
    assert Counter(len(store.talks[0].sessions) for store in few).keys() == {1, 2, 3, 4}


def test_each_large_store_is_filled_with_different_messages(stores):
    large = [one for one in stores if one.view == LARGE]
    assert [one.held_out for one in large] == [True, False, False]
    texts = []
    for store in large:
        kept = [turn for talk in store.talks for turns in talk.sessions for turn in turns]
        assert len(kept) == 10_000
        texts += [turn.message.content for turn in kept if ":" in turn.message.content[:5]]
    assert len(texts) == len(set(texts))


def test_without_a_filler_no_large_store_is_measured(sets):
    assert all(one.view != LARGE for one in large_stores(sets))


def test_a_filler_that_is_too_short_is_rejected(sets):
    with pytest.raises(InvalidInputError, match="--filler contains too few texts"):
        list(large_stores(sets, [["a single message"]]))


def test_the_evaluated_texts_in_eight_languages_are_not_used_for_the_fit():
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


def test_the_sample_of_questions_of_a_store_is_always_the_same(stores):
    talk = next(one for one in stores if one.view == "names")
    asked = Counter((one.kind, one.across) for one in talk.questions)
    assert {asked[Kind.OFF_TOPIC, across] for across in (False, True)} == {25}
    again = [one.questions for one in stores_of(own_sets())]
    assert again == [one.questions for one in stores_of(own_sets())]
    everything = Counter(one.kind for one in next(stores_of(own_sets(), whole=True)).questions)
    assert everything[Kind.OFF_TOPIC] == 100


def _backgrounds(rng):
    return [
        0.2 + rng.normal(size=(500, 5)) @ rng.normal(size=(5, 40)) + rng.normal(size=(500, 40))
        for _ in range(2)
    ]


def test_a_background_describes_the_cosines_of_its_vectors():
    both = _backgrounds(np.random.default_rng(3))
    background = described(*both)
    for language, vectors in enumerate(both):
        meant = vectors[0] / np.linalg.norm(vectors[0])
        mean, deviation, _ = background.cosines(meant, vectors[1], language)
        assert mean == pytest.approx((vectors @ meant).mean(), rel=0.01)
        assert deviation == pytest.approx((vectors @ meant).std(), rel=0.1)


def test_directions_in_which_the_background_varies_count_less():
    rng = np.random.default_rng(3)
    both = _backgrounds(rng)
    background = described(*both)
    for language in (0, 1):
        common = background.spreads[language][0] / np.linalg.norm(background.spreads[language][0])
        rare = rng.normal(size=40)
        rare -= np.linalg.pinv(background.spreads[language]) @ (background.spreads[language] @ rare)
        rare /= np.linalg.norm(rare)
        meant = (common + rare) / np.sqrt(2)
        mean = background.means[language]
        *_, of_common = background.cosines(meant, mean + common, language)
        *_, of_rare = background.cosines(meant, mean + rare, language)
        assert of_rare > 1.5 * of_common


async def test_the_evidence_of_hits_is_recorded_with_whether_they_answer(postgres_dsn, tmp_path):
    talk = own_sets()[0].conversations[0]
    asked = tuple(own(talk))[:3]
    store = Store("s", "g", "plain", "english", held_out=True, talks=(talk,), questions=asked)
    answers = await ask_all(settings_for(postgres_dsn, tmp_path), [store], lambda _: None)
    assert [len(one.seen.meaning) for one in answers] == [len(one.right) for one in answers]
    assert any(one.among_first for one in answers)
