# ruff: noqa: RUF001 - Chinese punctuation and typographic signs are what is tested

from itertools import product

import pytest

from sage.retrieval.text.words import beginning_of, grams_of, stem_of, words_of
from tests.support.each import each


def terms(text):
    return [word.term for word in words_of(text)]


@each(
    ("one", "other"),
    [
        ("Painting", "paintings"),
        ("ＡＢＣ", "abc"),
        ("café", "CAFE"),
        ("Straße", "strasse"),
        ("Caroline's", "caroline"),
        ("don’t", "don't"),
        ("1,234", "1234"),
        ("книги", "книга"),
    ],
)
def test_spellings_of_one_word_meet(one, other):
    assert terms(one) == terms(other)


def test_words_of_spaced_scripts_are_cut_at_everything_that_is_no_letter_or_digit():
    assert terms("user_id=42; C++ and C# (v1.5)") == [
        "user",
        "id",
        "42",
        "c++",
        "and",
        "c#",
        "v1",
        "5",
    ]


def test_a_number_parts_from_a_unit_only_where_it_has_marks_of_its_own():
    assert terms("10:30pm 3.5mm 1,200km") == ["10:30", "pm", "3.5", "mm", "1200", "km"]
    assert terms("30min 16GB 5k 100") == ["30min", "16gb", "5k", "100"]


def test_a_run_without_spaces_stays_whole_and_parts_from_the_words_beside_it():
    words = list(words_of("用Python写代码v2"))
    assert [(word.spelling, word.run) for word in words] == [
        ("用", True),
        ("python", False),
        ("写代码", True),
        ("v2", False),
    ]


def test_a_word_knows_where_it_stands_with_its_possessive():
    text = "about Mel's cat"
    word = next(word for word in words_of(text) if word.spelling == "mel")
    assert text[word.starts_at : word.ends_at] == "Mel's"


def test_grams_are_each_character_and_each_pair():
    assert list(grams_of("云台山")) == [(0, "云"), (0, "云台"), (1, "台"), (1, "台山"), (2, "山")]


@pytest.mark.parametrize("script", ["ไทย", "한국어", "ひらがな", "ລາວ", "မြန်", "ខ្មែរ"])
def test_other_scripts_without_spaces_are_runs_too(script):
    assert [word.run for word in words_of(script)] == [True]


def test_signs_such_as_emoji_are_words():
    assert terms("pizza 🍕!") == ["pizza", "🍕"]


def test_a_word_without_end_is_cut():
    assert len(terms("x" * 5000)[0]) <= 64


def test_a_stem_is_never_empty():
    assert all(stem_of(word) for word in ("s", "ing", "'", "a", "ся", "ات"))


def test_a_word_begins_like_its_stem():
    """So texts in ASCII without the beginning of a term need not be split to miss it."""
    ends = "s ies ed eedly ing ly y e ational enci izer ogi lessli icate iciti ement sion ize 's"
    begins = ["".join(one) for size in (1, 2, 3) for one in product("aeobslty", repeat=size)]
    made = [f"{begin}{end}" for begin in begins for end in ("", *ends.split())]
    words = [word.spelling for text in made for word in words_of(text)]
    assert [one for one in words if not one.startswith(beginning_of(stem_of(one)))] == []
    assert beginning_of(stem_of("dying")) == ""
