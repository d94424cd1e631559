import pytest
from hypothesis import given
from hypothesis import strategies as st

from sage.retrieval.text.chunking import Chunk, chunks_of, ends_of


def pieces(text, max_chars):
    return [text[chunk.starts_at : chunk.ends_at] for chunk in chunks_of(text, max_chars)]


def test_a_text_that_fits_is_one_chunk():
    assert chunks_of("short", 5) == [Chunk(0, 5)]
    assert chunks_of("", 5) == [Chunk(0, 0)]


def test_a_paragraph_is_the_best_end():
    text = "One. Two three.\n\nFour five six. Seven"
    assert pieces(text, 30) == ["One. Two three.", "Four five six. Seven"]


def test_a_sentence_is_the_next_best_end():
    assert pieces("One two three. Four five six seven", 24) == [
        "One two three.",
        "Four five six seven",
    ]
    assert pieces("今天天气很好。我们去公园散步吧", 10) == ["今天天气很好。", "我们去公园散步吧"]


def test_a_word_is_not_cut_while_there_is_a_space():
    assert pieces("alpha beta gamma delta", 12) == ["alpha beta", "gamma delta"]


def test_a_run_without_any_end_is_cut_at_the_limit():
    assert pieces("x" * 25, 10) == ["x" * 10, "x" * 10, "x" * 5]


def test_a_limit_below_one_is_a_fault():
    with pytest.raises(ValueError, match="max_chars"):
        chunks_of("text", 0)


@given(
    st.text(st.sampled_from("ab .。\n\u3000字é"), max_size=200) | st.text(max_size=200),
    st.integers(1, 40),
)
def test_chunks_keep_order_and_limit_and_leave_out_white_space_alone(text, max_chars):
    chunks = chunks_of(text, max_chars)
    edges = [edge for chunk in chunks for edge in (chunk.starts_at, chunk.ends_at)]
    assert edges == sorted(edges)
    assert all(chunk.ends_at - chunk.starts_at <= max_chars for chunk in chunks)
    if len(text) > max_chars and text.strip():
        assert all(chunk.ends_at > chunk.starts_at for chunk in chunks)
        gaps = [0, *edges, len(text)]
        left_out = [text[a:b] for a, b in zip(gaps[::2], gaps[1::2], strict=True)]
        assert not "".join(left_out).strip()


def test_a_text_too_long_keeps_its_beginning_and_its_end():
    assert (
        ends_of("what is this? " + "x" * 1000 + " and who asks?", 30)
        == "what is this?  x and who asks?"
    )
    assert ends_of("short", 5) == "short"


@pytest.mark.parametrize("most", [2, 3, 30, 31])
def test_both_ends_of_a_text_never_take_more_than_they_may(most):
    assert len(ends_of("word " * 100, most)) == most
