# ruff: noqa: RUF001 - Chinese punctuation is what is tested

import pytest

from sage.retrieval.query.questions import parse_question
from tests.support.each import each


def read(text, names=()):
    return parse_question(text).about(frozenset(names))


@each(
    "text",
    [
        "When did she move?",
        "What day was it?",
        "how long ago",
        "Do you know when the ship left?",
        "Where and when did they meet?",
        "What a day. When did it end?",
        "什么时候去的？",
        "哪天出发",
        "几号到",
        "什麼時候去的",
    ],
)
def test_a_question_for_a_time_is_seen(text):
    assert read(text).asks_when


@pytest.mark.parametrize(
    "text",
    [
        "What did she paint?",
        "whenever",
        "你喜欢什么",
        "how many",
        "Who helped her when she was young?",
        "小的时候喜欢什么",
    ],
)
def test_other_questions_do_not_ask_when(text):
    assert not read(text).asks_when


def test_the_topic_goes_without_names():
    question = read("What did Anna paint in May?", {"anna"})
    assert question.topic == "What did paint in May?"
    assert question.names == {"anna"}
    assert "anna" in question.words.terms
    assert "anna" not in question.topic_terms
    assert "paint" in question.topic_terms
    assert [date.month for date in question.dates] == [5]


def test_the_topic_of_a_chinese_question_is_in_simplified_characters():
    assert read("孫悅預約了什麼", {"孙悦"}).topic == "预约了什么"
    assert read("預約了什麼").topic == "预约了什么"


def test_a_question_of_names_alone_keeps_them_as_its_topic():
    question = read("Anna", {"anna"})
    assert question.topic == "Anna"
    assert question.topic_terms == ("anna",)
