# ruff: noqa: RUF001 - Chinese punctuation and typographic signs are what is tested

import pytest

from sage.retrieval.text.names import (
    called_keys,
    possible_names,
    speaker_keys,
    without_names,
)
from tests.support.each import each


def test_every_word_of_a_speakers_name_is_a_key():
    assert list(speaker_keys("Anna-Lena O'Neil")) == ["@by:anna", "@by:lena", "@by:oneil"]


@each(
    ("text", "called"),
    [
        ("Hey Mel! How are you?", ["@to:mel"]),
        ("Thanks, Caroline. It was fun.", ["@to:caroline"]),
        ("What are you up to, John?", ["@to:john"]),
        ("嗨，孙悦。很高兴认识你。", ["@to:孙悦"]),
        ("謝謝，孫悅。", ["@to:孙悦"]),
        ("Wow, thanks!", []),
        ("I love Paris, Rome, and Berlin.", []),
        ("你好，朋友。今天天气很好。", []),
        ("nothing here", []),
    ],
)
def test_the_name_somebody_is_called_by_is_found(text, called):
    assert list(called_keys(text)) == called


def test_every_word_with_a_topic_may_be_a_name_those_in_capitals_first():
    assert possible_names("when did the farm of Anna open?").guesses == ["anna", "farm", "open"]


def test_of_many_words_in_small_letters_few_may_be_names():
    guesses = possible_names("Anna " + " ".join(f"word{number}" for number in range(50))).guesses
    assert guesses == ["anna", *(f"word{number}" for number in range(8))]


@each(
    ("question", "known", "meant"),
    [
        ("Where does Anna keep Rex?", {"anna", "rex"}, {"anna", "rex"}),
        ("What did anna say about the farm?", {"anna"}, {"anna"}),
        ("What did anna do in London last Friday?", {"anna"}, {"anna"}),
        ("WHAT DID ANNA SAY?", {"anna"}, {"anna"}),
        ("Where did Anna mark the trail?", {"anna", "mark"}, {"anna"}),
        ("孙悦喜欢什么", {"孙悦"}, {"孙悦"}),
        ("Anna 喜欢孙悦吗", {"anna", "孙悦"}, {"anna", "孙悦"}),
        ("Where is the farm?", set(), set()),
    ],
)
def test_a_known_name_is_meant_in_small_letters_too_unless_another_has_capitals(
    question, known, meant
):
    assert possible_names(question).meant(known) == meant


def test_pieces_of_a_script_without_spaces_may_be_names():
    assert {"孙悦", "孙悦喜"} <= set(possible_names("孙悦喜欢什么").guesses)


@pytest.mark.parametrize(
    ("question", "names", "rest"),
    [
        ("What did Caroline's friend paint?", {"caroline"}, "What did friend paint?"),
        ("Did Anna or Ben call?", {"anna", "ben"}, "Did or call?"),
        ("孙悦喜欢什么运动？", {"孙悦"}, "喜欢什么运动?"),
        ("What is annual leave?", {"ann"}, "What is annual leave?"),
    ],
)
def test_names_are_left_out_of_a_question(question, names, rest):
    assert without_names(question, names) == rest
