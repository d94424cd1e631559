"""What long texts cost: as much as they are long, and no other request."""

import time
from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest

from sage.domain.memories import Memory, Role
from sage.domain.searching import Hit
from sage.retrieval.context.fence import fenced
from sage.retrieval.context.packing import PackingInput, pack_context
from sage.retrieval.context.summaries import split_sentences
from sage.retrieval.context.tokens import count_tokens_upper_bound
from sage.retrieval.text.chunking import chunks_of

NOON = datetime(2023, 5, 8, 12, tzinfo=UTC)
# Four times the text takes 4 times the time where it is read once, 16 times where from each place.
ONCE = 9


def seconds(work):
    """Measure the processor's time, which others on the machine leave alone; the best of five."""
    spent = []
    for _ in range(5):
        began = time.thread_time()
        work()
        spent.append(time.thread_time() - began)
    return min(spent)


def growth(work, size):
    return seconds(lambda: work(4 * size)) / seconds(lambda: work(size))


def recalled(hits, chars):
    text = "The heron nests by the mill. " * (chars // 29)
    return PackingInput(
        "Where does the heron nest?",
        [
            Hit.of(
                Memory(UUID(int=n), "talk", Role.USER, None, f"{n} {text}", NOON + timedelta(n)),
                1,
                {},
            )
            for n in range(1, hits + 1)
        ],
    )


@pytest.mark.parametrize("blank", [" ", "\n", "\u3000"])
def test_a_bracket_before_many_blanks_is_fenced_in_one_go(blank):
    assert growth(lambda size: fenced("<" + blank * size), 2000) < ONCE
    assert growth(lambda size: fenced("<" + blank * size + "/" + blank * size), 1000) < ONCE


@pytest.mark.parametrize("run", ["<", "</", "<sage", "<s ", "<_", "\uff1c", "<\u0336", "\u2039/"])
def test_what_may_become_a_mark_is_looked_at_in_one_go(run):
    assert growth(lambda size: fenced(run * size), 5000) < ONCE


@pytest.mark.parametrize("text", ["!", ".", "…", "!.", "。", "a!", "! ", "\n"])
def test_a_text_is_cut_into_sentences_in_one_go(text):
    assert growth(lambda size: list(split_sentences(text * size + "x")), 5000) < ONCE


@pytest.mark.parametrize("run", [".", "!", ".'", "\n ", "。", "x"])
def test_a_run_of_one_mark_is_cut_in_one_go(run):
    assert growth(lambda size: chunks_of(run * size * 4, size), 1000) < ONCE


@pytest.mark.parametrize("run", ["heron ", "x", " ", "\n", "7", "龘", "<"])
def test_a_long_text_is_counted_in_one_go(run):
    assert growth(lambda size: count_tokens_upper_bound(run * size), 12_000) < ONCE


def test_no_part_is_looked_for_once_the_window_is_nearly_full():
    few, many = recalled(5, 20_000), recalled(40, 20_000)
    filled = seconds(lambda: pack_context(few, 2000))
    assert seconds(lambda: pack_context(many, 2000)) < 1.5 * filled
