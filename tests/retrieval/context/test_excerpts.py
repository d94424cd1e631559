# ruff: noqa: RUF001 - Chinese punctuation is what is tested

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sage.retrieval.context.excerpts import MARK, best_part
from sage.retrieval.context.fence import fenced
from sage.retrieval.context.tokens import count_tokens_upper_bound
from sage.retrieval.text.chunking import Chunk
from sage.retrieval.text.lexemes import query_of


def part(text, question, most_tokens=80, near=None):
    return best_part(text, query_of(question).terms, most_tokens, near)


@pytest.mark.parametrize(
    ("filler", "told", "question"),
    [
        ("It rained again. ", "Her sister Marta keeps bees. ", "Who keeps bees?"),
        ("今天又下雨了。", "她的妹妹养蜜蜂。", "谁在养蜜蜂？"),
        ("하늘이 흐리고 비가 온다. ", "동생은 꿀벌을 키운다. ", "누가 꿀벌을 키우나요?"),
        ("วันนี้ฝนตก", "น้องสาวเลี้ยงผึ้งหลวง", "ใครเลี้ยงผึ้งหลวง"),
    ],
    ids=["English", "Chinese", "Korean", "Thai"],
)
def test_the_part_that_answers_is_taken_with_what_stands_around_it(filler, told, question):
    shown = part(filler * 200 + told + filler * 200, question, 400)
    assert told.strip() in shown
    assert shown.startswith(f"{MARK} ")
    assert shown.endswith(f" {MARK}")
    assert filler.strip() in shown


def test_without_any_word_in_common_the_beginning_is_taken():
    shown = part("first. " + "more. " * 500, "xyzzy")
    assert shown.startswith("first. more.")
    assert shown.endswith(f" {MARK}")


def test_the_chunk_of_like_meaning_is_preferred_to_a_word_in_common():
    text = "bees hum. " * 100 + "An apiary stands there. " + "rain. " * 100
    near = Chunk(text.index("An apiary"), text.index(" stands"))
    assert "An apiary stands" in part(text, "Where are the bees?", near=near)


def test_all_words_in_common_are_preferred_to_the_chunk_of_like_meaning():
    text = "rain. " * 100 + "The bees of Marta live in Riga. " + "rain. " * 100
    assert "live in Riga" in part(text, "Where do the bees of Marta live?", near=Chunk(0, 50))


def test_a_run_without_any_space_is_cut_where_it_must_be():
    shown = part("x" * 50_000, "x")
    assert set(shown.removesuffix(f" {MARK}")) == {"x"}
    assert len(shown) > 40


def test_a_text_that_fits_has_no_marks():
    assert part("just tea", "tea") == "just tea"


@given(
    st.text(min_size=1, max_size=400) | st.text("ab\n<龘\U0001f345", min_size=1, max_size=3000),
    st.integers(0, 200),
)
def test_a_part_never_takes_more_than_its_tokens(text, most_tokens):
    shown = part(text, text[:50], most_tokens)
    assert count_tokens_upper_bound(fenced(shown)) <= most_tokens
    assert bool(shown) or not text.strip() or most_tokens < 60
