"""A word that no memory has is read as one that some have, where it is a typo for that."""

import pytest

from sage.retrieval.text.names import possible_names
from sage.retrieval.text.typos import Typos, name_terms
from sage.retrieval.text.words import stem_of

HELD_BY = {
    "@by:caroline": 40,
    "@to:mel": 2,
    "caroline": 9,
    "potteri": 3,
    "paint": 7,
    "plant": 2,
    "planet": 8,
    "выставк": 1,
}


def corrected(text, *unknown, has_word=lambda _word: False):
    return Typos.among(unknown, has_word).corrected(text, HELD_BY)


@pytest.mark.parametrize("typo", ["carolien", "carolin", "carolinee", "carokine", "xaroline"])
def test_a_letter_too_many_too_few_wrong_or_in_another_place_is_a_typo(typo):
    assert corrected(f"Where is {typo}?", typo) == "Where is caroline?"


@pytest.mark.parametrize("typo", ["paintng", "paintingg", "apinted", "piant"])
def test_a_typo_anywhere_leads_to_a_word_with_the_stem_that_is_known(typo):
    assert stem_of(corrected(typo, typo)) == "paint"


@pytest.mark.parametrize("word", ["carl", "pain6ing", "pottamy", "swimming"])
def test_what_is_further_away_stays(word):
    assert corrected(word, word) == word


@pytest.mark.parametrize("typo", ["carolien", "carolin", "carolinee", "carokine", "xaroline"])
def test_what_is_near_a_typo_is_told_with_the_term_that_it_is_found_by(typo):
    assert Typos.among({typo}, lambda _word: False).spellings["caroline"] == "carolin"


def test_capitals_and_possessives_stay():
    assert corrected("Is it Carolnie's pottary?", "carolnie", "pottary") == (
        "Is it Caroline's pottery?"
    )


def test_words_in_cyrillic_letters_are_mended_too():
    assert corrected("Где выстваки?", "выстваки") == "Где выставки?"


def test_a_name_goes_before_a_word_and_the_common_word_before_the_rare():
    assert corrected("carolne", "carolne") == "caroline"
    assert corrected("plannet", "plannet") == "planet"


def test_a_word_that_the_model_has_is_mended_to_a_name_alone():
    def has_word(_word):
        return True

    assert corrected("Caroljne saw a Planett", "caroljne", "planett", has_word=has_word) == (
        "Caroline saw a Planett"
    )


def test_a_question_of_unknown_words_is_left_as_it_is():
    words = ("paintng", "pottary", "carolne", "plannet", "piant")
    assert corrected(" ".join(words[:2]), *words) == "paintng pottary"


def test_short_words_those_with_signs_or_of_no_topic_and_known_ones_are_no_slips():
    question = "Is painting with Mel in R2D2, 陶艺 swimming, Biking or hikings"
    topic = {"paint", "mel", "r2d2", "陶艺", "bike", "hike"}
    terms = name_terms(possible_names(question), topic, {"hike", "biking"}.__contains__)
    assert {word: term for word, term in terms.items() if term} == {
        "painting": "paint",
        "biking": "bike",
    }
    assert {"mel", "r2d2", "陶艺", "swimming", "hikings"} <= {*terms}
