"""A text that is too long is shortened to its ends, and says so."""

import re

from sage.domain.text.abridging import abridged
from tests.support.each import each

MARK = re.compile(r"\n\[\.\.\. ([\d,]+) characters left out]\n")
FAMILY, FLAG, WAVE = "👩‍👩‍👧", "🇨🇳", "👋🏽"


def ends(text, most):
    """Return the beginning and the end of a text that is shortened, and check what is said."""
    short = abridged(text, most)
    assert len(short) <= most
    beginning, said, end = MARK.split(short)
    assert int(said.replace(",", "")) == len(text) - len(beginning) - len(end)
    assert text.startswith(beginning)
    assert text.endswith(end)
    assert min(len(beginning), len(end)) > most / 2 - 70
    assert abridged(short, most) == short
    return beginning, end


@each("text", ["", "a" * 1_000, "鹭" * 1_000, "😀" * 1_000])
def test_a_text_of_the_length_allowed_stays_whole_whatever_its_bytes(text):
    assert abridged(text, 1_000) == text


@each("sign", ["鹭", "😀", FAMILY, FLAG, WAVE, "e\u0301", "❤\ufe0f"])
def test_nothing_that_is_shown_as_one_is_cut_in_two(sign):
    for before in range(len(sign) + 1):
        text = f"{'x' * before}{sign * 2_000}{'x' * before}"
        for end in ends(text, 1_000):
            assert end.replace(sign, "").strip("x") == "", before


def test_no_word_is_cut_in_two_where_one_ends_near():
    for end in ends("herons nest by the mill " * 1_000, 1_000):
        assert {*end.split()} == {"herons", "nest", "by", "the", "mill"}


def test_what_has_no_seam_is_cut_all_the_same():
    ends("\u0301" * 5_000, 1_000)
