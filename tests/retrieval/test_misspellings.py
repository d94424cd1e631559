"""A word that nobody used is read as one that is known, where a slip leads from it to that."""

import pytest

from sage.retrieval.misspellings import Slips, terms_of
from sage.retrieval.names import possible_names
from sage.retrieval.words import stem_of

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


def mended(text, *unknown, has_word=lambda _word: False):
    return Slips.among(unknown, has_word).mended(text, HELD_BY)


@pytest.mark.parametrize("slip", ["carolien", "carolin", "carolinee", "carokine", "xaroline"])
def test_a_letter_too_many_too_few_wrong_or_in_another_place_is_a_slip(slip):
    assert mended(f"Where is {slip}?", slip) == "Where is caroline?"


@pytest.mark.parametrize("slip", ["paintng", "paintingg", "apinted", "piant"])
def test_a_slip_anywhere_leads_to_a_word_with_the_stem_that_is_known(slip):
    assert stem_of(mended(slip, slip)) == "paint"


@pytest.mark.parametrize("word", ["carl", "pain6ing", "pottamy", "swimming"])
def test_what_is_further_away_stays(word):
    assert mended(word, word) == word


@pytest.mark.parametrize("slip", ["carolien", "carolin", "carolinee", "carokine", "xaroline"])
def test_what_is_near_a_slip_is_told_with_the_term_that_it_is_found_by(slip):
    assert Slips.among({slip}, lambda _word: False).spellings["caroline"] == "carolin"


def test_capitals_and_possessives_stay():
    assert mended("Is it Carolnie's pottary?", "carolnie", "pottary") == (
        "Is it Caroline's pottery?"
    )


def test_words_in_cyrillic_letters_are_mended_too():
    assert mended("Где выстваки?", "выстваки") == "Где выставки?"


def test_a_name_goes_before_a_word_and_the_common_word_before_the_rare():
    assert mended("carolne", "carolne") == "caroline"
    assert mended("plannet", "plannet") == "planet"


def test_a_word_that_the_model_has_is_mended_to_a_name_alone():
    def has_word(_word):
        return True

    assert mended("Caroljne saw a Planett", "caroljne", "planett", has_word=has_word) == (
        "Caroline saw a Planett"
    )


def test_a_question_of_unknown_words_is_left_as_it_is():
    words = ("paintng", "pottary", "carolne", "plannet", "piant")
    assert mended(" ".join(words[:2]), *words) == "paintng pottary"


def test_short_words_those_with_signs_or_of_no_topic_and_known_ones_are_no_slips():
    question = "Is painting with Mel in R2D2, 陶艺 swimming, Biking or hikings"
    topic = {"paint", "mel", "r2d2", "陶艺", "bike", "hike"}
    terms = terms_of(possible_names(question), topic, {"hike", "biking"}.__contains__)
    assert {word: term for word, term in terms.items() if term} == {
        "painting": "paint",
        "biking": "bike",
    }
    assert {"mel", "r2d2", "陶艺", "swimming", "hikings"} <= {*terms}
