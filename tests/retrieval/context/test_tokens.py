import json
import unicodedata
from pathlib import Path

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from sentencepiece import SentencePieceProcessor

from sage.providers.e5.files import model_files
from sage.providers.e5.made_files import TOKENIZER
from sage.retrieval.context.tokens import (
    _CYRILLIC,
    _DEVANAGARI,
    MAX_CHARS_PER_TOKEN,
    count_tokens_upper_bound,
    listed_tokens,
)
from tests.support.each import each

# Texts with their tokens in each of eleven tokenizers, as counted by these on 24 November 2026.
COUNTED = json.loads((Path(__file__).parent / "counted_texts.json").read_text(encoding="utf-8"))
TEXTS = {row["kind"]: row for row in COUNTED["texts"]}


@each("kind", TEXTS)
def test_the_bound_is_not_below_what_any_tokenizer_counts(kind):
    bound = count_tokens_upper_bound(TEXTS[kind]["text"])
    counts = dict(zip(COUNTED["tokenizers"], TEXTS[kind]["tokens"], strict=True))
    assert {name: count for name, count in counts.items() if count > bound} == {}


@each("kind", TEXTS)
def test_a_text_said_many_times_keeps_to_the_bound(kind):
    text, tokens = TEXTS[kind]["text"], max(TEXTS[kind]["tokens"])
    assert count_tokens_upper_bound(f"{text}\n" * 20) >= 20 * tokens


@pytest.mark.parametrize("kind", [kind for kind in TEXTS if "talk" in kind])
def test_the_bound_of_conversation_wastes_less_than_a_fifth(kind):
    tokens = max(TEXTS[kind]["tokens"])
    assert count_tokens_upper_bound(TEXTS[kind]["text"]) <= tokens * 1.2


def normal(char):
    return unicodedata.normalize("NFKC", char)


CODE = [
    "def nearest(points, query, k=10):",
    "    return sorted(points, key=lambda point: abs(point - query))[:k]",
    "for (int i = 0; i < n; ++i) { sum += a[i] * b[i]; }",
    '{"id": 4711, "tags": ["tea"], "price": 12.50, "ok": true}',
    "SELECT memory_id FROM sage.memories WHERE space_id = $1 ORDER BY created_at DESC;",
    "<div class='row'><a href=\"/docs?page=2#top\">Next</a></div>",
    "\t\t}",
    "",
]
NASTY = {
    "emoji": st.text(st.characters(min_codepoint=0x1F300, max_codepoint=0x1FAFF)),
    "emoji joined": st.lists(st.sampled_from("👩🌾👨👧🏽❤️\u200d\ufe0f")).map("".join),
    "no width": st.text("ab \u200b\u200c\u200d\u2060\ufeff\u00ad\u202e"),
    "Hangul": st.text(st.characters(min_codepoint=0xAC00, max_codepoint=0xD7A3)),
    "Thai": st.text(st.characters(min_codepoint=0x0E01, max_codepoint=0x0E4E)),
    "Han": st.text(st.characters(min_codepoint=0x4E00, max_codepoint=0x9FFF)),
    "Cyrillic": st.text(st.characters(min_codepoint=0x0400, max_codepoint=0x04FF)),
    "code": st.lists(st.sampled_from(CODE)).map("\n".join),
    "digits and signs": st.text("0123456789.,:;-_/()[]{}<>|&%$#@!?*+= \n"),
}


@pytest.fixture(scope="module")
def tokenizer():
    """Give the one real tokenizer at hand: that of the bundled model, with 250,000 entries."""
    return SentencePieceProcessor(model_file=str(model_files() / TOKENIZER))


@pytest.mark.parametrize("kind", NASTY)
def test_a_real_tokenizer_takes_no_more_than_the_bound(tokenizer, kind):
    @given(NASTY[kind])
    @example(". . | |")
    def holds(text):
        tokens = len(tokenizer.encode(f"a {text[:200]}")) - 2  # those of "a" and the blank
        assert tokens <= count_tokens_upper_bound(text[:200])

    holds()


@given(
    st.text(
        st.characters(codec="utf-8", min_codepoint=0x80, exclude_categories=("Cn",)).filter(
            lambda char: (
                not listed_tokens(char)
                and ord(char) not in _CYRILLIC
                and ord(char) not in _DEVANAGARI
            )
        )
    )
)
def test_characters_not_known_to_be_cheap_are_charged_by_their_bytes(text):
    assert count_tokens_upper_bound(text) >= len(text.encode())


def test_a_character_that_stands_for_many_is_charged_for_all_of_them():
    assert count_tokens_upper_bound("\ufdfa") >= len(normal("\ufdfa").encode())


@given(st.text(max_size=300), st.text(max_size=300))
def test_texts_put_together_take_no_more_than_each_by_itself(one, other):
    together = count_tokens_upper_bound(f"{one}\n{other}")
    assert together <= count_tokens_upper_bound(f"{one}\n") + count_tokens_upper_bound(other)


@given(st.text(max_size=300) | st.text(" \n", max_size=2000))
def test_a_token_never_stands_for_more_characters_than_promised(text):
    assert len(text) <= MAX_CHARS_PER_TOKEN * (count_tokens_upper_bound(text) + 1)


def test_no_text_is_no_token():
    assert count_tokens_upper_bound("") == 0
