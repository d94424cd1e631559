# ruff: noqa: RUF001 - Chinese has punctuation of its own
"""What is skipped to find quickly what a message states changes nothing of what is found."""

from itertools import chain
from re import _parser

from sage.retrieval.preferences.implicit_decisions import _CHINESE as _DECISIONS
from sage.retrieval.preferences.stated import preferences_in
from sage.retrieval.preferences.working_rules import _CHINESE as _RULES
from sage.retrieval.text.sentences import sentences_in
from sage.retrieval.text.words import terms_in
from tests.support.each import each
from tests.support.labelled_messages import labelled_sessions, no_wishes

_FIRST_UNSPACED = "\u2e80"
_ODD = (
    "don't.Stop it; never 3.5. 不要！U.S.A. rules?Always",
    "never…always。别用；ＡＬＷＡＹＳ！stop\nno\u0338 rules\u0301.\u0338 ever\u037e every",
    "以后都用３．５，不许改。ﬁnal?!yes:no...never",
)


@each("rules", [_DECISIONS, _RULES])
def test_chinese_rules_match_no_text_in_ascii_and_are_not_tried_on_it(rules):
    assert _needs_unspaced(_parser.parse(rules.pattern, rules.flags))


def _needs_unspaced(parsed):
    """Return whether every way through a parsed pattern has a character of such a script."""
    return any(_is_unspaced(str(kind), value) for kind, value in parsed)


def _is_unspaced(kind, value):
    match kind, value:
        case "LITERAL" | "RANGE", (int(first), _) | int(first):
            return chr(first) >= _FIRST_UNSPACED
        case "IN", _:
            return all(_is_unspaced(str(one), of) for one, of in value)
        case "BRANCH", (_, ways):
            return all(map(_needs_unspaced, ways))
        case ("SUBPATTERN", (*_, inner)) | ("MAX_REPEAT" | "MIN_REPEAT", (1, _, inner)):
            return _needs_unspaced(inner)
    return False


def test_a_sentence_has_no_terms_that_its_text_has_not():
    for text in (*_ODD, *_said()):
        assert terms_in(text).issuperset(chain.from_iterable(map(terms_in, sentences_in(text))))


def test_the_terms_of_a_text_change_nothing_of_what_it_prefers():
    found = [preferences_in(text) for text in _said()]
    assert found == [preferences_in(text, terms_in(text)) for text in _said()]
    assert any(found)


def _said():
    sessions = (session for part in ("other_held", "unseen") for session in labelled_sessions(part))
    return [*(one.text for session in sessions for one in session), *no_wishes()]
