"""The scorer of wishes: what it is made of, and what it makes of a sentence."""

import json
from pathlib import Path

from benchmarks.wishes.fit import examples, learned_from
from sage.retrieval import preferences
from sage.retrieval.preferences.features import SIZE, features_of
from sage.retrieval.preferences.personal import scorer
from tests.support.labelled_messages import labelled_sessions

_MODEL = Path(preferences.__path__[0], "model.json")


def test_the_model_is_made_of_the_examples_that_are_here():
    assert json.loads(_MODEL.read_text(encoding="utf-8"))["learned_from"] == learned_from()
    assert _MODEL.stat().st_size < 150_000
    assert len(scorer().weights) == SIZE


def test_nothing_is_learned_of_what_it_is_measured_on():
    learned = {text for texts in examples() for text in texts}
    for part in ("other_held", "unseen"):
        said = {one.text for session in labelled_sessions(part) for one in session if one.tells}
        assert said.isdisjoint(learned)


def test_a_quotation_and_the_width_of_an_apostrophe_change_nothing():
    assert features_of("Don\u2019t guess") == features_of("Don't guess")
    assert features_of('He wrote "never guess".') == features_of('He wrote "always sing".')


def test_what_was_learned_of_one_language_holds_in_others():
    for wish, told in (
        ("never guess, ask me", "they never guess, we asked them"),
        ("\u4e0d\u8981\u731c\uff0c\u95ee\u6211", "\u4ed6\u4eec\u731c\u5bf9\u4e86"),
        ("rate nie, frag mich", "sie haben nie geraten"),
        ("ne devine jamais, demande-moi", "ils ont devin\u00e9"),
        ("no adivines nunca, preg\u00fantame", "adivinaron ayer"),
    ):
        assert scorer().log_odds(wish) > 0 > scorer().log_odds(told)
