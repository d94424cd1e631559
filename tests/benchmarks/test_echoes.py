"""The echo benchmark stores facts, asks about them repeatedly, and counts what is found."""

import json

from benchmarks.__main__ import build_parser
from benchmarks.echoes.facts import PHRASES, facts, unanswered
from benchmarks.echoes.talk import Clock, Part, Reply, Words, question_session, unanswerable_session
from sage.cli.main import main
from sage.domain.message_class import MessageClass
from sage.retrieval.message_classes.classification import UnclassifiedMessage, classify_messages
from tests.architecture.sources import ROOT
from tests.support.embedders import BagOfWordsEmbedder

EMPTY = MessageClass.NON_ANSWER


def test_there_are_a_hundred_facts_in_each_language_and_each_has_its_own_question():
    stated = facts()
    for language in ("en", "zh"):
        assert sum(fact.language == language for fact in stated) >= 100
        assert sum(one == language for one, _ in unanswered()) >= 20
        assert len(PHRASES[language]["non_answers"]) >= 40
    wordings = [wording for fact in stated for wording in fact.wordings]
    assert len(set(wordings)) == len(wordings) == 4 * len(stated)
    assert len({fact.text for fact in stated}) == len(stated)


def test_a_question_never_contains_its_answer_and_a_near_miss_is_never_the_fact():
    for fact in facts():
        assert fact.value in fact.text
        assert not [one for one in fact.wordings if fact.value in one]
        assert fact.wrong not in {fact.value, fact.text}
        assert fact.text not in fact.near_misses
        assert len(set(fact.near_misses)) == 2


def test_a_question_is_asked_in_the_same_words_or_in_all_paraphrases_by_turns():
    fact = facts()[0]

    def questions(words):
        sessions = [
            question_session(fact, 0, time, (Reply.NOTHING, words), Clock()) for time in range(6)
        ]
        return [session[0].message.content for session in sessions]

    assert questions(Words.SAME) == [fact.question] * 6
    assert set(questions(Words.OTHER)) == set(fact.paraphrases)


def test_a_wrong_answer_is_corrected_with_the_right_value():
    fact = facts()[1]
    for time in range(8):
        session = question_session(fact, 0, time, (Reply.CORRECTED, Words.SAME), Clock())
        texts = {one.part: one.message.content for one in session}
        assert fact.wrong in texts[Part.WRONG]
        assert fact.value in texts[Part.CORRECTION]


def test_every_phrase_for_a_non_answer_is_classified_as_one():
    sessions = [
        unanswerable_session(question, language, time, Clock())
        for language, question in [*unanswered()][::10]
        for time in range(len(PHRASES[language]["non_answers"]))
    ]
    turns = [
        [UnclassifiedMessage(one.message.role, one.message.content) for one in session]
        for session in sessions
    ]
    answers = [
        session for session in turns if classify_messages(session)[1].message_class is not EMPTY
    ]
    assert answers == []


def test_a_small_run_reports_every_count_and_which_hits_are_echoes(
    monkeypatch, postgres_dsn, capsys
):
    monkeypatch.setenv("DATABASE_URL", postgres_dsn)
    monkeypatch.setenv("PYTHONPATH", str(ROOT))
    monkeypatch.setattr(
        "benchmarks.echoes.measure.open_embedder", lambda _settings: BagOfWordsEmbedder()
    )
    argv = ["echoes", "--memories", "9", "--facts", "3", "--asked", "0,2", "--json"]
    assert main(argv, build=build_parser) == 0
    echoes = json.loads(capsys.readouterr().out)["echoes"]
    assert [(row["times"], row["searches"]) for row in echoes["total"]] == [(0, 6), (2, 6)]
    assert [row["times"] for row in echoes["near_misses"]] == [0, 0, 2, 2]
    for row in echoes["total"]:
        assert 0 <= row["first"] <= row["among_three"] <= row["shown"] <= 1
    assert echoes["total"][0]["shown"] == 1
