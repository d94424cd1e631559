import sys
import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sage.domain.memories import Message
from sage.domain.searching import SearchRequest
from sage.domain.text_length import normalized_length, truncate_normalized
from sage.errors import InvalidInputError
from sage.retrieval.text.chunking import _MAX_EXPANSION, chunks_of

LIGATURE = "\ufdfa"
"""One character that is eighteen once it is written out."""


def nfkc(text):
    return unicodedata.normalize("NFKC", text)


def test_no_character_stands_for_more_than_the_largest_expansion():
    lengths = [len(nfkc(chr(code))) for code in range(sys.maxunicode + 1)]
    assert max(lengths) == len(nfkc(LIGATURE)) == _MAX_EXPANSION


@given(st.text())
def test_the_length_is_that_of_the_normal_form(text):
    assert normalized_length(text, 10_000) == len(nfkc(text))


@given(st.text(st.sampled_from(f"{LIGATURE}\u3316a e\u0301")), st.integers(1, 40))
def test_a_text_is_cut_where_its_normal_form_fits(text, max_chars):
    cut = truncate_normalized(text, max_chars)
    assert len(nfkc(cut)) <= max_chars
    assert nfkc(text[:max_chars]).startswith(nfkc(cut))
    if len(nfkc(text)) <= max_chars >= len(text):
        assert cut == text


@given(st.text(st.sampled_from(f"{LIGATURE}\u3316a .\n")), st.integers(18, 60))
def test_a_chunk_holds_no_more_than_the_model_takes_in(text, max_chars):
    chunks = chunks_of(text, max_chars)
    assert all(len(nfkc(text[c.starts_at : c.ends_at])) <= max_chars for c in chunks)
    assert all(c.starts_at < c.ends_at or not text for c in chunks)
    left_out = set(range(len(text))).difference(*(range(c.starts_at, c.ends_at) for c in chunks))
    assert all(text[place].isspace() for place in left_out)


@pytest.mark.parametrize(
    "build",
    [
        lambda: Message.validate("user", LIGATURE * 5_556),
        lambda: Message.validate("user", "tea", LIGATURE * 12),
        lambda: SearchRequest(LIGATURE * 223),
        lambda: SearchRequest(LIGATURE * 480),
    ],
)
def test_a_limit_counts_what_a_text_becomes(build):
    with pytest.raises(InvalidInputError, match="NFKC"):
        build()


def test_a_text_within_its_limit_is_taken_whatever_it_is_made_of():
    assert Message.validate("user", LIGATURE * 5_555).content == LIGATURE * 5_555
    assert SearchRequest("龘" * 4_000).query == "龘" * 4_000
