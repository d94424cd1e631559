import pytest

from sage.retrieval.text.words import other_spellings, words_of
from tests.support.each import each


def others_of(text):
    return list(other_spellings(text, words_of(text)))


@pytest.mark.parametrize(
    ("text", "others"),
    [
        ("Wi-Fi", ["wifi"]),
        ("get_user_name()", ["getusernam"]),
        ("R&D", ["rd"]),
        ("10-year-old", ["10yearold"]),
        ("COVID19", ["covid", "19"]),
        ("16GB", ["16", "gb"]),
    ],
)
def test_a_word_is_told_together_and_apart(text, others):
    assert others_of(text) == others


@each("text", ["3-4", "2023-05-08", "__init__", "a -- b", "x - y", "word-", "5k", "v2", "it", ""])
def test_what_is_one_word_or_none_has_no_other_spelling(text):
    assert others_of(text) == []


def test_a_part_that_carries_no_topic_is_left_out():
    assert others_of("9am") == ["9"]
